using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Net.ServerSentEvents;
using System.Text.Json;
using System.Text.Json.Nodes;

using KlingProxy.Tests.Fixtures;

namespace KlingProxy.Tests.EndToEnd;

/// <summary>What the product is for: a JPEG from disk becomes a video that plays.</summary>
internal static class MainJob
{
    /// <returns>The completed job.</returns>
    public static async Task<JsonElement> Do(HttpClient caller, CancellationToken cancel, Action? whenQueued = null)
    {
        var upload = await Upload(caller, cancel);
        var job = await caller.Create(new JsonObject
        {
            ["input"] = new JsonObject { ["image_url"] = upload.Text("url"), ["prompt"] = "The sun sets behind the hills.", ["duration"] = "5" },
        });
        whenQueued?.Invoke();

        Assert.Equal("completed", await LastStatus(caller, job, cancel));
        job = await caller.GetAsync($"/v1/jobs/{job.Text("id")}", cancel).Json();
        Assert.Equal("2.10", job.Text("cost"));
        await PlaysFrom(caller, job.GetProperty("links").Text("video"), cancel);
        return job;
    }

    private static async Task<JsonElement> Upload(HttpClient caller, CancellationToken cancel)
    {
        using var image = new ByteArrayContent(await File.ReadAllBytesAsync(Repository.Still, cancel)) { Headers = { ContentType = new MediaTypeHeaderValue("image/jpeg") } };
        using var reply = await caller.PostAsync("/v1/uploads", image, cancel);
        Assert.Equal(HttpStatusCode.Created, reply.StatusCode);
        var upload = await reply.Content.ReadFromJsonAsync<JsonElement>(cancel);
        Assert.Equal((1920, 1080), (upload.GetProperty("width").GetInt32(), upload.GetProperty("height").GetInt32()));
        return upload;
    }

    private static HttpClient Browser(HttpClient caller) =>
        new(new CanaryWatch(ProxyFixture.CanaryKey) { InnerHandler = new SocketsHttpHandler() }) { BaseAddress = caller.BaseAddress };

    // The signed link needs no header: this client sends none.
    private static async Task<string> LastStatus(HttpClient caller, JsonElement job, CancellationToken cancel)
    {
        using var browser = Browser(caller);
        await using var stream = await browser.GetStreamAsync(job.GetProperty("links").Text("events"), cancel);
        var (sequence, status) = (0, "");
        await foreach (var item in SseParser.Create(stream).EnumerateAsync(cancel))
        {
            var happened = JsonElement.Parse(item.Data);
            if (item.EventType != "job")
                continue;
            Assert.Equal(++sequence, happened.GetProperty("sequence").GetInt32());
            status = happened.Text("status");
        }
        return status;
    }

    private static async Task PlaysFrom(HttpClient caller, string link, CancellationToken cancel)
    {
        using var browser = Browser(caller);
        var whole = await browser.GetByteArrayAsync(link, cancel);
        Assert.Equal("ftyp"u8, whole.AsSpan(4, 4)); // an MP4 says so in its first box

        using var seek = new HttpRequestMessage(HttpMethod.Get, link) { Headers = { Range = new RangeHeaderValue(100, 199) } };
        using var part = await browser.SendAsync(seek, cancel);
        Assert.Equal(HttpStatusCode.PartialContent, part.StatusCode);
        Assert.Equal(whole[100..200], await part.Content.ReadAsByteArrayAsync(cancel));
    }
}
