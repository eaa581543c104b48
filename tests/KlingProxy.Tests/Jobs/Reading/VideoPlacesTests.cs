using System.Net;

using KlingProxy.Access.Limits;
using KlingProxy.Ids;
using KlingProxy.Jobs;
using KlingProxy.Tests.Fixtures;

using Microsoft.Extensions.DependencyInjection;

namespace KlingProxy.Tests.Jobs.Reading;

/// <summary>Videos that do not come to their end, because somebody reads slowly or fal's media host sends nothing more.</summary>
public sealed class VideoPlacesTests(VideoPlacesTests.VideoPlacesFixture proxy) : IClassFixture<VideoPlacesTests.VideoPlacesFixture>
{
    private const int PerCaller = 2, InAll = 4;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private int Taken => proxy.Services.GetRequiredService<VideoPlaces>().Taken;

    [Fact]
    public async Task One_caller_reads_so_many_at_a_time_and_all_together_so_many()
    {
        var open = new List<HttpResponseMessage>();
        using var first = await proxy.NewCaller();
        using var second = await proxy.NewCaller();
        using var third = await proxy.NewCaller();
        // All before the first is read: the clock that they turn would take a media host for silent.
        var (path, others, thirds) = (await Completed(first, bytes: 1000), await Completed(second, bytes: 1000), await Completed(third, bytes: 1000));
        for (var number = 0; number < PerCaller; number++)
            open.Add(await first.Call($"GET {path}"));

        using (var refused = await first.Call($"GET {path}"))
        {
            Assert.NotNull(refused.Headers.RetryAfter);
            Assert.Null(refused.Headers.ETag);
            Assert.Equal(PerCaller, (await Task.FromResult(refused).Refused(429, "too-many-videos")).GetProperty("limit").GetInt32());
        }
        Assert.Equal(200, await first.Call($"HEAD {path}").Status()); // sends nothing
        for (var number = 0; number < InAll - PerCaller; number++)
            open.Add(await second.Call($"GET {others}"));
        await third.Call($"GET {thirds}").Refused(503, "overloaded");
        Assert.Equal(InAll, Taken);

        open.ForEach(reply => reply.Dispose());
        await proxy.Until(() => Taken == 0);
        using var again = await first.Call($"GET {path}");
        Assert.Equal(HttpStatusCode.OK, again.StatusCode);
    }

    /// <summary>However many videos somebody has, and links to them: these have one share, beside the owner's own, and all links leave half to others.</summary>
    [Fact]
    public async Task All_links_of_one_caller_have_one_share()
    {
        using var caller = await proxy.NewCaller();
        using var other = await proxy.NewCaller();
        using var anyone = proxy.Anyone();
        var path = await Completed(caller, bytes: 1000);
        string[] links = [await Link(caller, path), await Link(caller, await Completed(caller, bytes: 1000))];
        var theirs = await Link(other, await Completed(other, bytes: 1000));
        var open = new List<HttpResponseMessage>();
        foreach (var link in links)
            open.Add(await anyone.Call($"GET {link}"));

        foreach (var link in links)
            await anyone.Call($"GET {link}").Refused(429, "too-many-videos");
        open.Add(await caller.Call($"GET {path}")); // no stranger takes its own places
        await anyone.Call($"GET {theirs}").Refused(503, "overloaded");
        open.Add(await other.Call($"GET {theirs[..theirs.IndexOf('?', StringComparison.Ordinal)]}"));

        Assert.All(open, reply => Assert.Equal(HttpStatusCode.OK, reply.StatusCode));
        open.ForEach(reply => reply.Dispose());
        await proxy.Until(() => Taken == 0);
    }

    [Fact]
    public async Task A_media_host_that_sends_no_byte_is_a_refusal()
    {
        using var caller = await proxy.NewCaller();
        var answer = caller.Call($"GET {await Completed(caller, bytes: 0)}");
        await proxy.Until(() => Taken == 1);

        await proxy.TurnUntil(TimeSpan.FromSeconds(1), () => Task.FromResult(answer.IsCompleted));

        using var reply = await answer;
        Assert.NotNull(reply.Headers.RetryAfter);
        Assert.Null(reply.Headers.ETag);
        await Task.FromResult(reply).Refused(503, "upstream-unavailable");
        await proxy.Until(() => Taken == 0);
    }

    [Fact]
    public async Task A_media_host_that_sends_nothing_more_ends_the_connection_and_is_logged()
    {
        using var caller = await proxy.NewCaller();
        var path = await Completed(caller, bytes: 1000);
        using var reply = await caller.Call($"GET {path}");
        var file = reply.Content.ReadAsByteArrayAsync(Cancel);

        await proxy.TurnUntil(TimeSpan.FromSeconds(1), () => Task.FromResult(file.IsCompleted));

        await Assert.ThrowsAnyAsync<Exception>(() => file);
        await proxy.Until(() => Taken == 0);
        Assert.Contains(proxy.Log.Lines, line => line.Contains("fell silent", StringComparison.Ordinal) && line.Contains(path.Split('/')[3], StringComparison.Ordinal));
    }

    private static async Task<string> Link(HttpClient caller, string path) =>
        (await caller.Call($"GET {path[..^"/video".Length]}").Json()).GetProperty("links").Text("video");

    /// <summary>A completed job whose video lies on the stuck host.</summary>
    private async Task<string> Completed(HttpClient caller, int bytes)
    {
        var id = (await caller.Create()).Text("id");
        await proxy.TurnUntil(TimeSpan.FromSeconds(1), async () =>
        {
            proxy.LetJobsEnd();
            return (await caller.Call($"GET /v1/jobs/{id}").Json()).Text("status") == "completed";
        });
        await proxy.Services.GetRequiredService<IJobStore>().Change(new JobId(id), job => job with { Video = job.Video! with { Url = proxy.Media.Url(bytes) } });
        return $"/v1/jobs/{id}/video";
    }

    public sealed class VideoPlacesFixture : TimedFixture
    {
        internal StuckMediaHost Media { get; } = new();

        protected override IEnumerable<(string Name, string Value)> Settings =>
        [
            .. base.Settings,
            ("Fal:MediaHosts:1", Media.Authority),
            ("Limits:Videos", $"{InAll}"),
            ("Limits:VideosPerCaller", $"{PerCaller}"),
        ];

        public override async ValueTask DisposeAsync()
        {
            await base.DisposeAsync();
            Media.Dispose();
        }
    }
}
