using System.Globalization;
using System.Net;
using System.Net.Http.Headers;

using KlingProxy.Sandbox;
using KlingProxy.Tests.EndToEnd;
using KlingProxy.Tests.Fixtures;
using KlingProxy.Tests.Uploads.Formats;

namespace KlingProxy.Tests.Uploads.Keeping;

/// <summary>Measured from outside, on the real process: what the kernel says that it holds.</summary>
public sealed class UploadMemoryTests
{
    private const int Parallel = 50, ImageLength = 10_000_000;

    /// <summary>In bytes. Holding only one in eight of these images whole would take as much.</summary>
    private const long MaxGrowth = 64 * 1024 * 1024;

    /// <summary>In bytes; of twenty images inside JSON, which are thirteen megabytes of text each.</summary>
    private const long MaxInline = 48L * 1024 * 1024;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Fifty_images_of_ten_megabytes_at_once_take_less_than_64_MiB()
    {
        Component.Require(OperatingSystem.IsLinux(), "Linux");
        await using var fal = await StartFal();
        await using var proxy = await ProxyProcess.Start(new()
        {
            ["FAL_KEY"] = ProxyFixture.CanaryKey,
            ["Fal__RestUrl"] = fal.Url.AbsoluteUri,
            ["Access__Anonymous"] = "true",
            ["Limits__LargeBodiesPerCaller"] = $"{Parallel * 2}",
            ["Limits__UploadBytesPerCallerPerDay"] = "10000000000",
        }, Cancel);
        await Upload(proxy.Client, 0); // what is made once is not growth

        ForgetPeak(proxy.Id);
        var before = Kilobytes(proxy.Id, "VmRSS");
        await Task.WhenAll(Enumerable.Range(1, Parallel).Select(number => Upload(proxy.Client, number)));
        var first = Kilobytes(proxy.Id, "VmHWM") - before;
        ForgetPeak(proxy.Id);
        before = Kilobytes(proxy.Id, "VmRSS");
        await Task.WhenAll(Enumerable.Range(Parallel + 1, Parallel).Select(number => Upload(proxy.Client, number)));
        var second = Kilobytes(proxy.Id, "VmHWM") - before;

        TestContext.Current.SendDiagnosticMessage("RSS grew by {0} KiB, then by {1} KiB; it was {2} KiB in between", first, second, before);
        Assert.Equal(((2 * Parallel) + 1L) * ImageLength, fal.Received.Where(call => call.Operation == SandboxOperation.Put).Sum(call => call.BodyLength));
        Assert.True(first * 1024 < MaxGrowth && second * 1024 < MaxGrowth, $"It grew by {first} KiB, then by {second} KiB.");
    }

    /// <summary>An image in JSON passes by like any other.</summary>
    [Fact]
    public async Task Twenty_quotes_with_ten_megabytes_inline_at_once_take_less_than_48_MiB()
    {
        Component.Require(OperatingSystem.IsLinux(), "Linux");
        await using var fal = await StartFal();
        await using var proxy = await ProxyProcess.Start(new()
        {
            ["FAL_KEY"] = ProxyFixture.CanaryKey,
            ["Fal__RestUrl"] = fal.Url.AbsoluteUri,
            ["Access__Anonymous"] = "true",
        }, Cancel);
        var quote = Quote();
        Assert.Equal(HttpStatusCode.OK, await Ask(proxy.Client, quote));

        ForgetPeak(proxy.Id);
        var before = Kilobytes(proxy.Id, "VmRSS");
        Assert.Equal(HttpStatusCode.OK, await Ask(proxy.Client, quote));
        var one = Kilobytes(proxy.Id, "VmHWM") - before;
        ForgetPeak(proxy.Id);
        before = Kilobytes(proxy.Id, "VmRSS");
        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => Ask(proxy.Client, quote)));
        var many = Kilobytes(proxy.Id, "VmHWM") - before;

        TestContext.Current.SendDiagnosticMessage("RSS grew by {0} KiB for one, by {1} KiB for twenty", one, many);
        Assert.All(answers, answer => Assert.Contains(answer, new[] { HttpStatusCode.OK, HttpStatusCode.TooManyRequests }));
        Assert.True(many * 1024 < MaxInline, $"It grew by {one} KiB for one and by {many} KiB for twenty.");
    }

    private static Task<FalSandbox> StartFal() => FalSandbox.Start(new SandboxOptions { Key = ProxyFixture.CanaryKey, FilmsFromImage = false }, Cancel);

    private static byte[] Quote()
    {
        var order = Given.Order();
        order["input"]!["image_url"] = $"data:image/png;base64,{Convert.ToBase64String(Picture.Png(800, 600, ImageLength))}";
        return System.Text.Encoding.UTF8.GetBytes(order.ToJsonString());
    }

    private static async Task<HttpStatusCode> Ask(HttpClient client, byte[] quote)
    {
        using var body = new ByteArrayContent(quote) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } };
        using var reply = await client.PostAsync("/v1/quotes", body, Cancel);
        return reply.StatusCode;
    }

    /// <param name="number">Makes it another image: the same bytes would be stored once.</param>
    private static async Task Upload(HttpClient client, int number)
    {
        var image = Picture.Png(800 + (uint)number, 600, ImageLength);
        using var body = new ByteArrayContent(image) { Headers = { ContentType = new MediaTypeHeaderValue("image/png") } };
        using var reply = await client.PostAsync("/v1/uploads", body, Cancel);
        Assert.Equal(HttpStatusCode.Created, reply.StatusCode);
    }

    // proc(5): 5 resets the peak to what is held now.
    private static void ForgetPeak(int process) => File.WriteAllText($"/proc/{process}/clear_refs", "5");

    private static long Kilobytes(int process, string name) => long.Parse(
        File.ReadLines($"/proc/{process}/status").Single(line => line.StartsWith($"{name}:", StringComparison.Ordinal)).Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)[1],
        CultureInfo.InvariantCulture);
}
