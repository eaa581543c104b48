using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;

namespace KlingProxy.Sandbox.Tests.Storage;

public sealed class UploadTests
{
    private static readonly byte[] Bytes = [.. "not quite an image"u8];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_was_put_is_served_to_anyone_with_its_type()
    {
        await using var twin = await Twin.Start();
        var (upload, file) = await Initiate(twin);
        using var stranger = new HttpClient();

        using var stored = await Put(stranger, upload);
        using var served = await stranger.GetAsync(file, Cancel);

        Assert.True(stored.IsSuccessStatusCode);
        Assert.Equal("image/png", served.Content.Headers.ContentType!.ToString());
        Assert.Equal(Bytes, await served.Content.ReadAsByteArrayAsync(Cancel));
        Assert.Equal(0, twin.Fal.Counts.LeakedCredentials);
    }

    [Fact]
    public async Task A_put_without_a_length_is_refused_and_may_be_tried_again()
    {
        await using var twin = await Twin.Start();
        var (upload, file) = await Initiate(twin);
        using var chunked = new HttpRequestMessage(HttpMethod.Put, upload) { Content = new ByteArrayContent(Bytes), Headers = { TransferEncodingChunked = true } };

        using var refused = await twin.Http.SendAsync(chunked, Cancel);
        using var nothing = await twin.Http.GetAsync(file, Cancel);
        using var stored = await Put(twin.Http, upload);

        Assert.Equal((411, 404, 200), ((int)refused.StatusCode, (int)nothing.StatusCode, (int)stored.StatusCode));
    }

    [Fact]
    public async Task Each_url_takes_one_put()
    {
        await using var twin = await Twin.Start();
        var (upload, _) = await Initiate(twin);

        using var first = await Put(twin.Http, upload);
        using var second = await Put(twin.Http, upload);

        Assert.Equal((200, 403), ((int)first.StatusCode, (int)second.StatusCode));
    }

    [Fact]
    public async Task The_file_url_gives_no_leave_to_write()
    {
        await using var twin = await Twin.Start();
        var (upload, file) = await Initiate(twin);

        using var forged = await Put(twin.Http, new Uri(upload, $"{upload.AbsolutePath}?signature={file.Segments[3].TrimEnd('/')}"));
        using var unwritten = await twin.Http.GetAsync(file, Cancel);

        Assert.Equal((403, 404), ((int)forged.StatusCode, (int)unwritten.StatusCode));
    }

    [Fact]
    public async Task A_key_on_the_put_is_flagged()
    {
        await using var twin = await Twin.Start();
        var (upload, _) = await Initiate(twin);

        using var careless = await Put(twin.Http, upload);

        Assert.True(careless.IsSuccessStatusCode);
        Assert.Equal(1, twin.Fal.Counts.LeakedCredentials);
    }

    [Fact]
    public async Task An_upload_broken_off_stores_nothing_and_may_be_tried_again()
    {
        await using var twin = await Twin.Start();
        var (upload, file) = await Initiate(twin);

        using (var socket = new TcpClient())
        {
            await socket.ConnectAsync(upload.Host, upload.Port, Cancel);
            var head = $"PUT {upload.PathAndQuery} HTTP/1.1\r\nHost: {upload.Authority}\r\nContent-Length: 1000\r\nExpect: 100-continue\r\n\r\n";
            var stream = socket.GetStream();
            await stream.WriteAsync(Encoding.ASCII.GetBytes(head), Cancel);
            await stream.ReadExactlyAsync(new byte["HTTP/1.1 100 Continue\r\n\r\n".Length], Cancel); // now the body is being read
            await stream.WriteAsync("half of it"u8.ToArray(), Cancel);
            socket.Client.Shutdown(SocketShutdown.Send);
            await Ended(stream);
        }

        using var nothing = await twin.Http.GetAsync(file, Cancel);
        using var again = await Put(twin.Http, upload);

        Assert.Equal((404, 200), ((int)nothing.StatusCode, (int)again.StatusCode));
        Assert.Equal(SandboxOperation.Put, (await Broken(twin)).Operation);
    }

    [Theory]
    [InlineData("start.png", "start.png")]
    [InlineData("../../etc/passwd", "passwd")]
    [InlineData("a b?c#d.png", "abcd.png")]
    [InlineData("..", "file")]
    [InlineData(null, "file")]
    public async Task A_file_name_becomes_a_safe_last_segment(string? name, string segment)
    {
        await using var twin = await Twin.Start();

        var (_, file) = await Initiate(twin, name);

        Assert.Equal(segment, file.Segments[^1]);
    }

    [Theory]
    [InlineData("[]")]
    [InlineData("{")]
    [InlineData("")]
    public async Task Initiate_wants_a_json_object(string body)
    {
        await using var twin = await Twin.Start();

        using var response = await twin.Http.PostAsync("/storage/upload/initiate?storage_type=fal-cdn-v3", new StringContent(body), Cancel);

        Assert.Equal(422, (int)response.StatusCode);
    }

    [Theory]
    [InlineData(SandboxStorageFault.RefusesBytes, 403)]
    [InlineData(SandboxStorageFault.LosesBytes, 500)]
    public async Task A_fault_keeps_nothing_and_the_url_stays_good(SandboxStorageFault fault, int status)
    {
        await using var twin = await Twin.Start();
        var (upload, file) = await Initiate(twin);

        twin.Fal.StorageFault = fault;
        using var spoiled = await Put(twin.Http, upload);
        using var nothing = await twin.Http.GetAsync(file, Cancel);
        twin.Fal.StorageFault = null;
        using var again = await Put(twin.Http, upload);

        Assert.Equal((status, 404, 200), ((int)spoiled.StatusCode, (int)nothing.StatusCode, (int)again.StatusCode));
    }

    [Fact]
    public async Task A_fault_gives_no_place()
    {
        await using var twin = await Twin.Start();
        twin.Fal.StorageFault = SandboxStorageFault.GivesNoPlace;

        using var refused = await twin.Http.PostAsync("/storage/upload/initiate", new StringContent("{}"), Cancel);

        Assert.Equal(403, (int)refused.StatusCode);
    }

    [Fact]
    public async Task A_silent_put_says_nothing_until_its_sender_hangs_up()
    {
        await using var twin = await Twin.Start();
        var (upload, _) = await Initiate(twin);
        twin.Fal.StorageFault = SandboxStorageFault.FallsSilent;
        using var hangUp = CancellationTokenSource.CreateLinkedTokenSource(Cancel);

        var unanswered = twin.Http.PutAsync(upload, new ByteArrayContent(Bytes), hangUp.Token);
        await Patience.Until(() => Task.FromResult(twin.Fal.Counts.Puts > 0), async () => await Task.Yield(), "the PUT had come");
        Assert.False(unanswered.IsCompleted);
        await hangUp.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => unanswered);
    }

    private static async Task<(Uri Upload, Uri File)> Initiate(Twin twin, string? name = "start.png")
    {
        var body = new JsonObject { ["content_type"] = "image/png", ["file_name"] = name }.ToJsonString();
        using var response = await twin.Http.PostAsync(
            "/storage/upload/initiate?storage_type=fal-cdn-v3", new StringContent(body, Encoding.UTF8, "application/json"), Cancel);
        var reply = await Twin.Json(response);
        return (new Uri((string)reply["upload_url"]!), new Uri((string)reply["file_url"]!));
    }

    /// <summary>The connection may be gone before the sandbox has noted why.</summary>
    private static async Task<ReceivedCall> Broken(Twin twin)
    {
        await Patience.Until(() => Task.FromResult(twin.Fal.Received.Any(call => !call.IsWhole)), async () => await Task.Yield(), "a broken call was noted");
        return twin.Fal.Received.Single(call => !call.IsWhole);
    }

    /// <summary>The other side has let go, politely or not: both may be seen.</summary>
    private static async Task Ended(NetworkStream stream)
    {
        try
        {
            Assert.DoesNotContain("200", await new StreamReader(stream).ReadToEndAsync(Cancel).Within("the other side had let go"), StringComparison.Ordinal);
        }
        catch (IOException error) when (error.InnerException is SocketException { SocketErrorCode: SocketError.ConnectionReset })
        {
        }
    }

    private static Task<HttpResponseMessage> Put(HttpClient http, Uri upload) => http.PutAsync(
        upload, new ByteArrayContent(Bytes) { Headers = { ContentType = new MediaTypeHeaderValue("image/png") } }, Cancel);
}
