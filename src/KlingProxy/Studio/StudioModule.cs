using System.Security.Cryptography;

using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Net.Http.Headers;

namespace KlingProxy.Studio;

/// <summary>The page at <c>/</c>, where a still becomes a video. It speaks only the public REST API: delete this folder and nothing else changes.</summary>
internal static class StudioModule
{
    private const string Page = "index.html";

    // Nothing inline, nothing foreign, and no HTML ever made from data. Uploads and media go through this service, so 'self' is enough.
    private const string ContentSecurityPolicy =
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; media-src 'self'; connect-src 'self'; "
        + "form-action 'none'; base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'";

    public static void MapStudio(this IEndpointRouteBuilder routes)
    {
        // Without credentials, because this is where a visitor types one in; the API behind it asks for it.
        var studio = routes.MapGroup("").ExcludeFromDescription().AllowAnonymous();

        foreach (var asset in StudioAsset.ReadAll())
        {
            studio.MapMethods(asset.Name == Page ? "/" : $"/studio/{asset.Name}", [HttpMethods.Get, HttpMethods.Head],
                (HttpResponse response) => Serve(asset, response));
        }
    }

    private static FileContentHttpResult Serve(StudioAsset asset, HttpResponse response)
    {
        response.Headers.CacheControl = "no-cache"; // kept, but asked about: the tag changes with the release
        response.Headers.XContentTypeOptions = "nosniff";
        response.Headers.ContentSecurityPolicy = ContentSecurityPolicy;
        response.Headers["Referrer-Policy"] = "same-origin"; // no outside site learns our links

        return TypedResults.Bytes(asset.Content, asset.ContentType, entityTag: asset.Tag);
    }

    private sealed record StudioAsset(string Name, string ContentType, ReadOnlyMemory<byte> Content, EntityTagHeaderValue Tag)
    {
        private const string Prefix = "studio/";

        public static IEnumerable<StudioAsset> ReadAll() =>
            from resource in typeof(StudioModule).Assembly.GetManifestResourceNames()
            where resource.StartsWith(Prefix, StringComparison.Ordinal)
            select Read(resource);

        private static StudioAsset Read(string resource)
        {
            using var stream = typeof(StudioModule).Assembly.GetManifestResourceStream(resource)!;
            var content = new byte[stream.Length];
            stream.ReadExactly(content);

            var digest = Convert.ToHexStringLower(SHA256.HashData(content).AsSpan(0, 16));
            return new StudioAsset(resource[Prefix.Length..], TypeOf(resource), content, new EntityTagHeaderValue($"\"{digest}\""));
        }

        private static string TypeOf(string name) => Path.GetExtension(name) switch
        {
            ".html" => "text/html; charset=utf-8",
            ".css" => "text/css; charset=utf-8",
            ".js" => "text/javascript; charset=utf-8",
            ".svg" => "image/svg+xml",
            var other => throw new InvalidOperationException($"The Studio has no media type for {other}."),
        };
    }
}
