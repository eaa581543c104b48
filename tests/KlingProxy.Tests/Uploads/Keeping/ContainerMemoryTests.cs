using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

using KlingProxy.Sandbox;
using KlingProxy.Tests.EndToEnd;
using KlingProxy.Tests.Fixtures;
using KlingProxy.Tests.Uploads.Formats;

namespace KlingProxy.Tests.Uploads.Keeping;

/// <summary>The service with as much memory as its container has: every documented request works, also the largest ones at once.</summary>
public sealed partial class ContainerMemoryTests
{
    /// <summary>In bytes.</summary>
    private const int ImageLength = 9_900_000;

    private static int images;

    private const string Model = "fal-ai/kling-video/o3/4k/image-to-video";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Three_jobs_with_two_large_images_each_at_either_door_and_uploads_beside_them_fit()
    {
        Component.Require(OperatingSystem.IsLinux(), "Linux");
        var limit = Limit();
        await using var fal = await FalSandbox.Start(new SandboxOptions { Key = ProxyFixture.CanaryKey, FilmsFromImage = false }, Cancel);
        using var cage = new MemoryCage(limit);
        await using (var proxy = await ProxyProcess.Start(new(cage.Environment)
        {
            ["FAL_KEY"] = ProxyFixture.CanaryKey,
            ["Fal__QueueUrl"] = fal.Url.AbsoluteUri,
            ["Fal__RestUrl"] = fal.Url.AbsoluteUri,
            ["Access__OperatorKey"] = ProxyFixture.OperatorKey,
            ["Access__Anonymous"] = "true",
            ["Limits__InFlightPerCaller"] = "100",
            ["Limits__LargeBodiesPerCaller"] = "100",
            ["Budget__PerDay"] = "1000",
            ["Budget__PerCallerPerDay"] = "1000",
            ["Budget__AnonymousPerDay"] = "1000",
        }, Cancel, first: cage.Enter))
        {
            for (var round = 0; round < 3; round++)
            {
                var answers = await Task.WhenAll(
                [
                    .. Enumerable.Range(0, 3).Select(_ => Send(proxy.Client, "/v1/jobs", Order())),
                    .. Enumerable.Range(0, 3).Select(_ => Send(proxy.Client, $"/fal/queue/{Model}", Order()["input"]!)),
                    .. Enumerable.Range(0, 3).Select(_ => Upload(proxy.Client)),
                ]);
                Assert.Equal([200, 200, 200, 201, 201, 201, 202, 202, 202], answers.Select(answer => (int)answer).Order());
            }
            var peak = Peak(proxy.Id);
            TestContext.Current.SendDiagnosticMessage("In a {0} cage of {1} MiB the peak was {2} MiB", cage.IsReal ? "real" : "pretended", limit >> 20, peak >> 20);
            Assert.True(peak < limit, $"It took {peak >> 20} MiB.");
        }
    }

    /// <summary>As many connections as want to, each with all it may send and without its end. What is too much is refused, and the service goes on.</summary>
    [Theory]
    [InlineData("heads", 7_500)]
    [InlineData("heads", 14_000)] // more than may be
    [InlineData("bodies", 64_500)]
    public async Task However_many_send_what_they_do_not_end_it_lives(string what, int length)
    {
        Component.Require(OperatingSystem.IsLinux(), "Linux");
        var limit = Limit();
        using var cage = new MemoryCage(limit);
        await using var proxy = await ProxyProcess.Start(new(cage.Environment)
        {
            ["FAL_KEY"] = ProxyFixture.CanaryKey,
            ["Access__OperatorKey"] = ProxyFixture.OperatorKey,
            ["Access__Anonymous"] = "true",
        }, Cancel, first: cage.Enter);
        var begun = Encoding.ASCII.GetBytes(what == "heads"
            ? $"GET / HTTP/1.1\r\nHost: x\r\nX-0: {new string('a', length)}\r\nX-1: {new string('a', length)}\r\n"
            : $"POST /v1/jobs HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 65000\r\n\r\n{{{new string(' ', length)}");

        var open = await Task.WhenAll(Enumerable.Range(0, 4000).Select(_ => Send(proxy.Client.BaseAddress!, begun)));
        foreach (var connection in open)
            connection.Dispose();

        await Patience.Until(
            async () =>
            {
                using var answer = await proxy.Client.GetAsync("/health/live", Cancel).ContinueWith(asked => asked.IsCompletedSuccessfully ? asked.Result : null, TaskScheduler.Default);
                return answer?.StatusCode == HttpStatusCode.OK;
            },
            async () => await Task.Yield(), "it answered again", () => Task.FromResult(proxy.Output));
        var peak = Peak(proxy.Id);
        TestContext.Current.SendDiagnosticMessage("Of {0} the peak was {1} MiB", what, peak >> 20);
        Assert.True(peak < limit, $"It took {peak >> 20} MiB.");
    }

    private static async Task<TcpClient> Send(Uri address, byte[] bytes)
    {
        var connection = new TcpClient();
        try
        {
            await connection.ConnectAsync(address.Host, address.Port, Cancel);
            await connection.GetStream().WriteAsync(bytes, Cancel);
        }
        catch (Exception refused) when (refused is IOException or SocketException)
        {
            // One too many, and told so.
        }
        return connection;
    }

    /// <summary>As the compose file says it.</summary>
    private static long Limit() => long.Parse(MemLimit().Match(File.ReadAllText(Path.Combine(Repository.Root, "deploy", "compose.yaml"))).Groups[1].Value, CultureInfo.InvariantCulture) * 1024 * 1024;

    private static JsonObject Order()
    {
        var order = Given.Order();
        foreach (var field in new[] { "image_url", "end_image_url" })
            order["input"]![field] = $"data:image/png;base64,{Convert.ToBase64String(NewImage())}";
        return order;
    }

    /// <summary>Another each time: the same bytes would be stored once.</summary>
    private static byte[] NewImage() => Picture.Png(800 + (uint)Interlocked.Increment(ref images), 600, ImageLength);

    private static async Task<HttpStatusCode> Send(HttpClient client, string path, JsonNode body)
    {
        using var content = new StringContent(body.ToJsonString(), Encoding.UTF8, "application/json");
        using var reply = await client.PostAsync(path, content, Cancel);
        return reply.StatusCode;
    }

    private static async Task<HttpStatusCode> Upload(HttpClient client)
    {
        using var body = new ByteArrayContent(NewImage()) { Headers = { ContentType = new MediaTypeHeaderValue("image/png") } };
        using var reply = await client.PostAsync("/v1/uploads", body, Cancel);
        return reply.StatusCode;
    }

    // proc(5): the most that was ever resident.
    private static long Peak(int process) => 1024 * long.Parse(
        File.ReadLines($"/proc/{process}/status").Single(line => line.StartsWith("VmHWM:", StringComparison.Ordinal)).Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)[1],
        CultureInfo.InvariantCulture);

    [GeneratedRegex(@"mem_limit: (\d+)m")]
    private static partial Regex MemLimit();
}
