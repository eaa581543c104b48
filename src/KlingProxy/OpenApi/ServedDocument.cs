using System.Globalization;
using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;

using Microsoft.AspNetCore.OpenApi;
using Microsoft.Net.Http.Headers;
using Microsoft.OpenApi;

namespace KlingProxy.OpenApi;

/// <summary>
/// The API description as it leaves: built once, compressed once, then only handed out. To build it takes a thousand times what a health check
/// takes, and anybody may ask for it.
/// </summary>
internal sealed class ServedDocument(IServiceProvider services)
{
    public const string Name = "v1";

    /// <summary>In a cache. It changes with the version that runs, and with nothing else.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(5);

    private static readonly string Caching = string.Create(CultureInfo.InvariantCulture, $"public, max-age={Lifetime.TotalSeconds:0}");

    private readonly Lock gate = new();
    private Task<Forms>? built;

    /// <summary>How often it was built.</summary>
    public int Builds { get; private set; }

    public static Task Handle(HttpContext context, ServedDocument document, CancellationToken cancel) => document.Answer(context, cancel);

    private async Task Answer(HttpContext context, CancellationToken cancel)
    {
        var forms = await Built().WaitAsync(cancel);
        var (coding, bytes) = Choose(context.Request, forms);
        var etag = new EntityTagHeaderValue($"\"{forms.Sha256}-{coding}\"");
        var headers = context.Response.Headers;
        headers.ETag = etag.ToString();
        headers.CacheControl = Caching;
        headers.Append(HeaderNames.Vary, HeaderNames.AcceptEncoding);
        if (context.Request.GetTypedHeaders().IfNoneMatch.Any(known => known == EntityTagHeaderValue.Any || known.Compare(etag, useStrongComparison: false)))
        {
            context.Response.StatusCode = StatusCodes.Status304NotModified;
            return;
        }
        context.Response.ContentType = "application/json;charset=utf-8";
        context.Response.ContentLength = bytes.Length;
        if (coding != Forms.Identity)
            headers.ContentEncoding = coding;
        if (!HttpMethods.IsHead(context.Request.Method))
            await context.Response.Body.WriteAsync(bytes, cancel);
    }

    private static (string Coding, byte[] Bytes) Choose(HttpRequest request, Forms forms)
    {
        var accepted = request.GetTypedHeaders().AcceptEncoding;
        return Accepts("br") ? ("br", forms.Brotli) : Accepts("gzip") ? ("gzip", forms.Gzip) : (Forms.Identity, forms.Plain);

        bool Accepts(string coding) => accepted.Any(one => one.Value.Equals(coding, StringComparison.OrdinalIgnoreCase) && one.Quality is not 0);
    }

    // Whoever comes first begins it, and may go; what failed is tried again by the next.
    private Task<Forms> Built()
    {
        lock (gate)
            return built is { IsFaulted: false } ? built : built = Task.Run(Build);
    }

    private async Task<Forms> Build()
    {
        Builds++;
        var document = await services.GetRequiredKeyedService<IOpenApiDocumentProvider>(Name).GetOpenApiDocumentAsync(CancellationToken.None);
        using var json = new StringWriter(CultureInfo.InvariantCulture);
        document.SerializeAsV31(new OpenApiJsonWriter(json, new OpenApiJsonWriterSettings { Terse = true }));
        var plain = Encoding.UTF8.GetBytes(json.ToString());
        return new Forms(
            plain,
            Compressed(plain, to => new GZipStream(to, CompressionLevel.SmallestSize)),
            Compressed(plain, to => new BrotliStream(to, CompressionLevel.SmallestSize)),
            Convert.ToHexStringLower(SHA256.HashData(plain))[..32]);
    }

    private static byte[] Compressed(byte[] plain, Func<Stream, Stream> coder)
    {
        using var bytes = new MemoryStream();
        using (var coding = coder(bytes))
            coding.Write(plain);
        return bytes.ToArray();
    }

    private sealed record Forms(byte[] Plain, byte[] Gzip, byte[] Brotli, string Sha256)
    {
        public const string Identity = "identity";
    }
}
