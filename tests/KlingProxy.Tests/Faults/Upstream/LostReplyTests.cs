using System.Net.Sockets;

using KlingProxy.Tests.Fal;
using KlingProxy.Tests.Fixtures;

namespace KlingProxy.Tests.Faults.Upstream;

/// <summary>Once the bytes of a submit have left, whatever becomes of the connection, there is no second POST.</summary>
public sealed class LostReplyTests(LostReplyTests.LostReplyFixture proxy) : IClassFixture<LostReplyTests.LostReplyFixture>
{
    private const string Good = """{"request_id":"warm-up"}""";

    private static readonly Dictionary<string, Func<Socket, Task<bool>>> Endings = new()
    {
        ["reset"] = connection => Task.FromResult(RawUpstream.Reset(connection)),
        ["closed"] = _ => Task.FromResult(false),
        ["half a status line"] = async connection => !await RawUpstream.Say(connection, "HTTP/1.1 2"),
        ["half a head"] = async connection => !await RawUpstream.Say(connection, "HTTP/1.1 200 OK\r\nContent-Type: appl"),
        ["half a body"] = async connection => !await RawUpstream.Say(connection, RawUpstream.Json(200, """{"request_id":""", length: "99")),
        ["half a body, then reset"] = async connection => await RawUpstream.Say(connection, RawUpstream.Json(200, """{"request_id":""", length: "99")) && RawUpstream.Reset(connection),
        ["not HTTP"] = async connection => !await RawUpstream.Say(connection, "SSH-2.0-OpenSSH_9.2\r\n"),
        ["200 with junk"] = connection => RawUpstream.Say(connection, RawUpstream.Json(200, "junk")),
        ["200 without an id"] = connection => RawUpstream.Say(connection, RawUpstream.Json(200, "{}")),
        ["200 with a hostile id"] = connection => RawUpstream.Say(connection, RawUpstream.Json(200, """{"request_id":"../../x"}""")),
        ["200 that never ends"] = async connection => !await RawUpstream.Say(connection, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"),
        ["500"] = connection => RawUpstream.Say(connection, RawUpstream.Json(500, "")),
        ["502"] = connection => RawUpstream.Say(connection, RawUpstream.Json(502, "<html>")),
        ["504"] = connection => RawUpstream.Say(connection, RawUpstream.Json(504, "{}")),
        ["redirect"] = connection => RawUpstream.Say(connection, "HTTP/1.1 307 X\r\nLocation: /elsewhere\r\nContent-Length: 0\r\n\r\n"),
        ["408"] = connection => RawUpstream.Say(connection, RawUpstream.Json(408, "")),
        ["429 with an id"] = connection => RawUpstream.Say(connection, RawUpstream.Json(429, """{"request_id":"r1"}""")),
    };

    /// <summary>How a connection can end at the worst moment: how much of the submit is read, and what then happens. None is a connection that dies while it is idle.</summary>
    private static readonly Dictionary<string, (double BodyRead, Func<Socket, Task<bool>>? AfterWarmUp, Func<Socket, Task<bool>>? AfterPost)> Moments = new()
    {
        ["closed while idle"] = (1, async connection => !await RawUpstream.Say(connection, RawUpstream.Json(200, Good)), null),
        ["reset while idle"] = (1, async connection => await RawUpstream.Say(connection, RawUpstream.Json(200, Good)) && RawUpstream.Reset(connection), null),
        ["408 while idle"] = (1, async connection => !await RawUpstream.Say(connection, RawUpstream.Json(200, Good) + RawUpstream.Json(408, "", headers: "Connection: close\r\n")), null),
        ["closed at the head"] = (0, null, _ => Task.FromResult(false)),
        ["reset at the head"] = (0, null, connection => Task.FromResult(RawUpstream.Reset(connection))),
        ["closed in the body"] = (0.5, null, _ => Task.FromResult(false)),
        ["reset in the body"] = (0.5, null, connection => Task.FromResult(RawUpstream.Reset(connection))),
        ["closed after 100 Continue"] = (0, null, async connection => !await RawUpstream.Say(connection, "HTTP/1.1 100 Continue\r\n\r\n")),
    };

    public static TheoryData<string, bool> Cases => [.. from ending in Endings.Keys from warm in new[] { false, true } select (ending, warm)];

    public static TheoryData<string> WorstMoments => [.. Moments.Keys];

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task X03_a_lost_reply_is_admitted_and_nothing_is_sent_again(string ending, bool onWarmConnection)
    {
        using var caller = await proxy.NewCaller();
        proxy.Upstream.AfterPost = (connection, _) => RawUpstream.Say(connection, RawUpstream.Json(200, Good));
        if (onWarmConnection) // a connection that has served before, and lies in the pool
            Assert.Equal("queued", (await caller.Create()).Text("status"));
        proxy.Upstream.AfterPost = (connection, _) => Endings[ending](connection);
        var before = proxy.Upstream.Posts;

        var job = await caller.Create();

        Assert.Equal((ending, "unconfirmed", 1), (ending, job.Text("status"), proxy.Upstream.Posts - before));
        Assert.Equal(LedgerOf.Held, LedgerOf.Of(proxy, job.Text("id")));
    }

    [Theory]
    [MemberData(nameof(WorstMoments))]
    public async Task X26_no_library_repeats_a_POST_behind_our_back(string moment)
    {
        var (bodyRead, afterWarmUp, afterPost) = Moments[moment];
        for (var trial = 0; trial < 5; trial++)
        {
            using var caller = await proxy.NewCaller();
            proxy.Upstream.BodyRead = 1;
            proxy.Upstream.AfterPost = (connection, _) => afterWarmUp is null ? RawUpstream.Say(connection, RawUpstream.Json(200, Good)) : afterWarmUp(connection);
            Assert.Equal("queued", (await caller.Create()).Text("status"));
            proxy.Upstream.BodyRead = bodyRead;
            proxy.Upstream.AfterPost = (connection, _) => afterPost is null ? RawUpstream.Say(connection, RawUpstream.Json(200, """{"request_id":"taken"}""")) : afterPost(connection);
            var before = proxy.Upstream.Posts;

            var job = await caller.Create();

            var posts = proxy.Upstream.Posts - before;
            Assert.InRange(posts, 0, 1);
            // A connection that dies while it is idle may swallow the submit unseen: then nobody knows, and nobody sends it again either.
            Assert.Contains((moment, job.Text("status"), posts), afterPost is null
                ? [(moment, "queued", 1), (moment, "unconfirmed", 0)]
                : new[] { (moment, "unconfirmed", 1) });
            Assert.Equal(LedgerOf.Held, LedgerOf.Of(proxy, job.Text("id")));
        }
        proxy.Upstream.BodyRead = 1;
    }

    public sealed class LostReplyFixture : ProxyFixture
    {
        internal RawUpstream Upstream { get; } = new();

        protected override IEnumerable<(string Name, string Value)> Settings => [("Fal:QueueUrl", Upstream.Url)];

        public override async ValueTask DisposeAsync()
        {
            await base.DisposeAsync();
            await Upstream.DisposeAsync();
            GC.SuppressFinalize(this);
        }
    }
}

public sealed class AcceptedAndLostTests(TimedFixture proxy) : IClassFixture<TimedFixture>
{
    [Theory]
    [InlineData("loses-reply")]
    [InlineData("holds-reply")] // longer than we wait
    [InlineData("html-502")]
    public async Task X03_what_fal_may_have_keeps_its_hold_and_waits_for_word(string fault)
    {
        using var caller = await proxy.NewCaller();
        var order = Given.OrderThat(fault);

        var id = (await caller.Create(order)).Text("id");
        await proxy.Until(() => proxy.SubmitsOf(order) == 1);
        await proxy.TurnUntil(TimeSpan.FromSeconds(10), async () => (await caller.Call($"GET /v1/jobs/{id}").Json()).Text("status") != "submitting");

        var job = await caller.Call($"GET /v1/jobs/{id}").Json();
        Assert.Equal(("unconfirmed", "2.10", System.Text.Json.JsonValueKind.Null), (job.Text("status"), job.Text("estimated_cost"), job.GetProperty("cost").ValueKind));
        Assert.Equal(["submitting", "unconfirmed"], (await caller.Call($"GET /v1/jobs/{id}/events", null, ("Accept", "application/json")).Json())
            .GetProperty("data").EnumerateArray().Statuses());
        Assert.Equal((1, LedgerOf.Held), (proxy.SubmitsOf(order), LedgerOf.Of(proxy, id)));
    }
}

public sealed class RepeatedCreateTests(ProxyFixture proxy) : IClassFixture<ProxyFixture>
{
    [Fact]
    public async Task X26_a_client_that_repeats_its_POST_gets_the_same_job()
    {
        using var caller = await proxy.NewCaller();
        var order = Given.Order();
        var key = ("Idempotency-Key", Guid.NewGuid().ToString());

        var jobs = new List<string>();
        for (var attempt = 0; attempt < 5; attempt++)
            jobs.Add((await caller.Call("POST /v1/jobs", order, key).Json()).Text("id"));
        var job = await proxy.End(caller, Assert.Single(jobs.Distinct()));

        Assert.Equal(("completed", 1, 2.10m), (job.Text("status"), proxy.SubmitsOf(order), proxy.AtFal(order).Billed.Amount));
        Assert.Equal(LedgerOf.Paid, LedgerOf.Of(proxy, job.Text("id")));
    }
}
