using System.Net.Http.Headers;

using KlingProxy.Tests.Fixtures;
using KlingProxy.Tests.Uploads.Formats;

namespace KlingProxy.Tests.Faults;

/// <summary>Behind an nginx that buffers whatever it may.</summary>
public sealed class ReverseProxyTests(ProxyFixture proxy) : IClassFixture<ProxyFixture>
{
    /// <summary>The one default that cannot stay: 1 MB, beyond which nginx itself answers 413. As deploy/README.md has it.</summary>
    private const string Setting = "client_max_body_size 32m;";

    private const int TenMegabytes = 10_000_000;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task X25_events_arrive_at_once_through_an_nginx_that_buffers()
    {
        await using var nginx = await Nginx.Start(proxy.Address, Setting, Cancel);
        using var caller = await Caller(nginx);
        var order = Given.Order();
        var id = (await caller.Create(order)).Text("id");
        var told = new List<string>();

        await foreach (var (_, data) in caller.Watch($"/v1/jobs/{id}/events", cancel: Cancel))
        {
            told.Add(data.Text("status"));
            if (told[^1] == "queued") // each was told while there was more to come: only now it goes on
                proxy.FalClock.Advance(TimeSpan.FromSeconds(30));
            if (told[^1] == "in_progress")
                proxy.LetJobsEnd();
        }

        Assert.Equal(["submitting", "queued", "in_progress", "finalizing", "completed"], told.Distinct());
        Assert.Equal((1, LedgerOf.Paid), (proxy.SubmitsOf(order), LedgerOf.Of(proxy, id)));
    }

    [Fact]
    public async Task X25_ten_megabytes_pass_and_the_video_comes_back_in_ranges()
    {
        await using var nginx = await Nginx.Start(proxy.Address, Setting, Cancel);
        using var caller = await Caller(nginx);
        using var image = new ByteArrayContent(Picture.Png(800, 600, TenMegabytes)) { Headers = { ContentType = new MediaTypeHeaderValue("image/png") } };

        using var uploading = await caller.PostAsync("/v1/uploads", image, Cancel);
        var upload = await uploading.Json();
        var order = Given.Order();
        order["input"]!["image_url"] = upload.Text("url");
        var job = await proxy.End(caller, (await caller.Create(order)).Text("id"));
        using var part = await caller.Call($"GET /v1/jobs/{job.Text("id")}/video", null, ("Range", "bytes=100-199"));

        Assert.Equal((201, TenMegabytes), ((int)uploading.StatusCode, upload.GetProperty("bytes").GetInt32()));
        Assert.Equal(("completed", 206, 100L), (job.Text("status"), (int)part.StatusCode, part.Content.Headers.ContentLength));
        Assert.Equal((1, LedgerOf.Paid), (proxy.SubmitsOf(order), LedgerOf.Of(proxy, job.Text("id"))));
    }

    private async Task<HttpClient> Caller(Nginx nginx)
    {
        var caller = await proxy.NewCaller();
        caller.BaseAddress = nginx.Address;
        return caller;
    }
}
