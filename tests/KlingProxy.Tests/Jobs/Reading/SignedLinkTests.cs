using System.Text.Json;

using KlingProxy.Tests.Fixtures;

namespace KlingProxy.Tests.Jobs.Reading;

public sealed class SignedLinkTests(TimedFixture proxy) : IClassFixture<TimedFixture>
{
    public static TheoryData<string> Abuses => ["another job", "another path", "the job itself", "POST", "DELETE", "another signature", "a later expiry", "no expiry", "no signature", "two signatures", "an empty signature", "another case"];

    [Fact]
    public async Task Opens_events_and_video_without_a_header()
    {
        using var caller = await proxy.NewCaller();
        using var browser = proxy.Anyone();
        var links = (await Completed(caller)).GetProperty("links");

        Assert.Equal(200, await browser.Call($"GET {links.Text("video")}").Status());
        Assert.Equal(200, await browser.Call($"HEAD {links.Text("video")}").Status());
        Assert.Equal(206, await browser.Call($"GET {links.Text("video")}", null, ("Range", "bytes=0-1")).Status());
        Assert.Equal(200, await browser.Call($"GET {links.Text("events")}").Status());
        Assert.Equal(200, await browser.Call($"GET {links.Text("events")}&after=1", null, ("Accept", "application/json")).Status());
    }

    [Theory]
    [MemberData(nameof(Abuses))]
    public async Task Opens_nothing_else(string abuse)
    {
        using var caller = await proxy.NewCaller();
        using var browser = proxy.Anyone();
        var job = await Completed(caller);
        var link = new Uri(job.GetProperty("links").Text("events")).PathAndQuery;
        var (path, query, signature) = (link.Split('?')[0], link.Split('?')[1], link.Split("signature=")[1]);

        var call = abuse switch
        {
            "another job" => $"GET {link.Replace(job.Text("id"), (await Completed(caller)).Text("id"), StringComparison.Ordinal)}",
            "another path" => $"GET {link.Replace("/events", "/video", StringComparison.Ordinal)}",
            "the job itself" => $"GET /v1/jobs/{job.Text("id")}?{query}",
            "POST" => $"POST {path.Replace("/events", "/cancel", StringComparison.Ordinal)}?{query}",
            "DELETE" => $"DELETE /v1/jobs/{job.Text("id")}?{query}",
            "another signature" => $"GET {link[..^1]}{(link[^1] == '0' ? '1' : '0')}",
            "a later expiry" => $"GET {link.Replace("expires=", "expires=9", StringComparison.Ordinal)}",
            "no expiry" => $"GET {path}?signature={signature}",
            "no signature" => $"GET {path}?{query.Split('&')[0]}",
            "two signatures" => $"GET {link}&signature={signature}",
            "an empty signature" => $"GET {path}?{query.Split('&')[0]}&signature=",
            "another case" => $"GET {path.ToUpperInvariant()}?{query}",
            _ => throw new ArgumentOutOfRangeException(nameof(abuse)),
        };

        await browser.Call(call).Refused(401, "unauthorized");
    }

    [Fact]
    public async Task Opens_nothing_once_it_has_expired()
    {
        using var caller = await proxy.NewCaller();
        using var browser = proxy.Anyone();
        var links = (await Completed(caller)).GetProperty("links");

        proxy.Clock.Advance(TimeSpan.FromHours(23));
        Assert.Equal(200, await browser.Call($"GET {links.Text("video")}").Status());
        proxy.Clock.Advance(TimeSpan.FromHours(2));

        await browser.Call($"GET {links.Text("video")}").Refused(401, "unauthorized");
        await browser.Call($"GET {links.Text("events")}").Refused(401, "unauthorized");
    }

    [Fact]
    public async Task Stays_the_same_within_the_hour()
    {
        using var caller = await proxy.NewCaller();
        var job = await Completed(caller);
        var now = proxy.Clock.GetUtcNow();
        proxy.Clock.SetUtcNow(new DateTimeOffset(now.Year, now.Month, now.Day, now.Hour, 0, 0, TimeSpan.Zero).AddHours(1));

        var early = await caller.Call($"GET /v1/jobs/{job.Text("id")}").Json();
        proxy.Clock.Advance(TimeSpan.FromMinutes(59));
        var late = await caller.Call($"GET /v1/jobs/{job.Text("id")}").Json();

        Assert.Equal(early.GetRawText(), late.GetRawText());
    }

    [Fact]
    public async Task Is_not_needed_beside_a_key()
    {
        using var caller = await proxy.NewCaller();
        var job = await Completed(caller);

        Assert.Equal(200, await caller.Call($"GET /v1/jobs/{job.Text("id")}/video?signature=whatever").Status());
    }

    private async Task<JsonElement> Completed(HttpClient caller) => await proxy.End(caller, await Queued(caller));

    // With no wait for the submit's answer the job may still be on its way to fal.
    private static async Task<string> Queued(HttpClient caller)
    {
        var id = (await caller.Create()).Text("id");
        await caller.Reaches(id, "queued");
        return id;
    }
}
