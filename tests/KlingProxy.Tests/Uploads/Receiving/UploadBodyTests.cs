using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;

using KlingProxy.Sandbox;
using KlingProxy.Storage;
using KlingProxy.Tests.Fixtures;
using KlingProxy.Tests.Uploads.Formats;

using Microsoft.Extensions.DependencyInjection;

namespace KlingProxy.Tests.Uploads.Receiving;

/// <summary>Bodies that are too large, of another kind, framed wrongly or never finished: told so, and no upload comes of them.</summary>
public sealed class UploadBodyTests(ProxyFixture proxy) : IClassFixture<ProxyFixture>, IAsyncLifetime
{
    /// <summary>In bytes.</summary>
    private const int Cap = 10_485_760;

    private long recorded;
    private int whole;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Says_which_rules_of_size_are_broken()
    {
        using var caller = await proxy.NewCaller();
        using var image = Png(Picture.Png(1000, 100));

        var problem = await caller.PostAsync("/v1/uploads", image, Cancel).Refused(422, "unsuitable-image");

        Assert.Equal("The image is 1000 × 100 pixels. Each side must have at least 300 pixels. Width divided by height must lie between 0.40 and 2.50; it is 10.000.", problem.Text("detail"));
        Assert.Equal(["too-small", "ratio"], problem.GetProperty("errors").EnumerateArray().Select(error => error.Text("code")));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Stops_in_the_middle_of_an_image_that_is_too_large(bool form)
    {
        HttpContent content = Png(Picture.Png(400, 400, Cap + 1));
        if (form)
            content = new MultipartFormDataContent { { content, "file", "a.png" } };
        var places = proxy.Fal.Counts.Initiates;

        await PostChunked(content).Refused(413, "image-too-large");

        Assert.Equal(places, proxy.Fal.Counts.Initiates);
    }

    [Theory]
    [InlineData("image/png", Cap + 1)]
    [InlineData("image/png", 4_000_000_000)]
    [InlineData("multipart/form-data; boundary=x", 4_000_000_000)]
    public async Task Refuses_what_is_announced_as_too_large_unread(string type, long length)
    {
        var places = proxy.Fal.Counts.Initiates;
        using var socket = await Begin($"Content-Type: {type}\r\nContent-Length: {length}\r\nExpect: 100-continue", []);

        var answer = await Answer(socket);

        Assert.StartsWith("HTTP/1.1 413", answer, StringComparison.Ordinal);
        Assert.Contains("image-too-large", answer, StringComparison.Ordinal);
        Assert.Equal(places, proxy.Fal.Counts.Initiates);
    }

    [Fact]
    public Task Refuses_a_form_that_is_too_large_beside_its_file() =>
        PostChunked(new MultipartFormDataContent { { new StringContent(new string('x', Cap + (128 * 1024))), "text" } }).Refused(413, "image-too-large");

    public static TheoryData<string, string, int, string> Kinds => new()
    {
        // content type                          body                                                                    status  code
        { "multipart/form-data; boundary=x",     "--x--\r\n",                                                            400, "malformed" },
        { "multipart/form-data; boundary=x",     "--x\r\nContent-Disposition: form-data; name=a\r\n\r\n1\r\n--x--\r\n",  400, "malformed" },
        { "multipart/form-data; boundary=x",     "",                                                                     400, "malformed" },
        { "multipart/form-data; boundary=x",     "no form at all",                                                       400, "malformed" },
        { "multipart/form-data",                 "--x--\r\n",                                                            400, "malformed" },
        { "multipart/form-data; boundary=\"\"",  "--x--\r\n",                                                            400, "malformed" },
        { "image/png",                           "",                                                                     415, "unsupported-image" },
        { "application/json",                    "{}",                                                                   415, "unsupported-image" },
        { "text/plain",                          "x",                                                                    415, "unsupported-image" },
        { "application/x-www-form-urlencoded",   "x=1",                                                                  415, "unsupported-image" },
        { "multipart/mixed; boundary=x",         "--x--\r\n",                                                            415, "unsupported-image" },
        { "",                                    "x",                                                                    415, "unsupported-image" },
    };

    [Theory, MemberData(nameof(Kinds))]
    public async Task Refuses_a_body_of_the_wrong_kind(string type, string body, int status, string code)
    {
        using var caller = await proxy.NewCaller();
        using var content = new ByteArrayContent(Encoding.ASCII.GetBytes(body));
        if (type.Length > 0)
            content.Headers.TryAddWithoutValidation("Content-Type", type);
        var places = proxy.Fal.Counts.Initiates;

        await caller.PostAsync("/v1/uploads", content, Cancel).Refused(status, code);

        Assert.Equal(places, proxy.Fal.Counts.Initiates);
    }

    [Fact]
    public async Task Refuses_chunks_that_are_framed_wrongly()
    {
        var image = Picture.Png(400, 400, 150_000);
        using var socket = await Begin("Content-Type: image/png\r\nTransfer-Encoding: chunked", [.. Encoding.ASCII.GetBytes($"{image.Length:x}\r\n"), .. image, .. "\r\nno length\r\n"u8]);

        var answer = await Answer(socket);

        Assert.StartsWith("HTTP/1.1 400", answer, StringComparison.Ordinal);
        Assert.Contains("malformed", answer, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Content-Length: 200000", false)]
    [InlineData("Content-Length: 200000", true)]
    [InlineData("Transfer-Encoding: chunked", false)]
    [InlineData("Transfer-Encoding: chunked", true)]
    public async Task Keeps_nothing_when_the_body_ends_early(string framing, bool reset)
    {
        byte[] chunk = [.. "249f0\r\n"u8, .. Picture.Png(400, 400, 150_000), .. "\r\n"u8]; // 0x249f0 = 150 000
        var (started, finished) = (Lines("Request starting"), Lines("Request finished"));
        using var socket = await Begin($"Content-Type: image/png\r\n{framing}", framing.EndsWith("chunked", StringComparison.Ordinal) ? chunk : chunk[7..^2]);
        await proxy.Until(() => Lines("Request starting") > started);

        if (reset)
            socket.Close(0); // as of a phone that lost its network
        else
            socket.Shutdown(SocketShutdown.Send);

        await proxy.Until(() => Lines("Request finished") > finished);
    }

    public async ValueTask InitializeAsync() => (recorded, whole) = (await Recorded(), Whole());

    /// <summary>Whatever was sent: nothing was kept.</summary>
    public async ValueTask DisposeAsync() => Assert.Equal((recorded, whole), (await Recorded(), Whole()));

    private static ByteArrayContent Png(byte[] bytes) => new(bytes) { Headers = { ContentType = new MediaTypeHeaderValue("image/png") } };

    private async Task<HttpResponseMessage> PostChunked(HttpContent content)
    {
        using var caller = await proxy.NewCaller();
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/uploads") { Content = content, Headers = { TransferEncodingChunked = true } };
        return await caller.SendAsync(request, Cancel);
    }

    private async Task<Socket> Begin(string headers, byte[] body)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(proxy.Address.Host, proxy.Address.Port, Cancel);
        var head = $"POST /v1/uploads HTTP/1.1\r\nHost: {proxy.Address.Authority}\r\nConnection: close\r\nAuthorization: Bearer {await proxy.NewKey()}\r\n{headers}\r\n\r\n";
        await socket.SendAsync((byte[])[.. Encoding.ASCII.GetBytes(head), .. body], Cancel);
        return socket;
    }

    /// <summary>The answer up to the end of its JSON; what the server does to the connection afterwards is its own affair.</summary>
    private static async Task<string> Answer(Socket socket)
    {
        var (text, buffer) = ("", new byte[4096]);
        while (!text.Contains('}', StringComparison.Ordinal) && await socket.ReceiveAsync(buffer, Cancel) is > 0 and var read)
            text += Encoding.UTF8.GetString(buffer, 0, read);
        return text;
    }

    private int Lines(string what) => proxy.Log.Lines.Count(line => line.Contains(what, StringComparison.Ordinal) && line.Contains("/v1/uploads", StringComparison.Ordinal));

    private int Whole() => proxy.Fal.Received.Count(call => call.Operation == SandboxOperation.Put && call.IsWhole);

    private async Task<long> Recorded() =>
        (await proxy.Services.GetRequiredService<ISqlDatabase>().Read(sql => sql.Query("SELECT COUNT(*) FROM uploads", row => row.GetInt64(0))))[0];
}
