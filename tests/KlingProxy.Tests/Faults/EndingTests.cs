using KlingProxy.Ids;
using KlingProxy.Jobs;
using KlingProxy.Tests.Fal;
using KlingProxy.Tests.Fixtures;

using Microsoft.Extensions.DependencyInjection;

namespace KlingProxy.Tests.Faults;

/// <summary>fal says that a job ended, and then something else.</summary>
public sealed class EndingTests(ProxyFixture proxy) : IClassFixture<ProxyFixture>
{
    [Fact]
    public async Task X09_a_refusal_after_completion_is_a_failure_in_fals_own_words()
    {
        using var caller = await proxy.NewCaller();
        var order = Given.OrderThat("completes-then-422");

        var job = await proxy.End(caller, (await caller.Create(order)).Text("id"));

        Assert.Equal(("failed", "0.00", "model-rejected"), (job.Text("status"), job.Text("cost"), job.GetProperty("error").Text("code")));
        var error = Assert.Single(job.GetProperty("error").GetProperty("errors").EnumerateArray());
        Assert.Equal(("/input/prompt", "content_policy_violation", "The prompt was rejected."), (error.Text("pointer"), error.Text("code"), error.Text("detail")));
        Assert.Equal("model_moderated", Assert.Single(job.GetProperty("error").GetProperty("categories").EnumerateArray()).GetString());
        Assert.Equal(System.Text.Json.JsonValueKind.Null, job.GetProperty("video").ValueKind);
        Assert.Equal((1, 0m, LedgerOf.Released), (proxy.SubmitsOf(order), proxy.AtFal(order).Billed.Amount, LedgerOf.Of(proxy, job.Text("id"))));
    }

    [Fact]
    public async Task X10_three_504s_cost_nothing_but_time()
    {
        using var caller = await proxy.NewCaller();
        var order = Given.OrderThat("result-504-thrice");
        var id = (await caller.Create(order)).Text("id");
        proxy.LetJobsEnd();

        await caller.Reaches(id, "finalizing");
        var job = await caller.Ended(id);

        Assert.Equal(("completed", "2.10", false), (job.Text("status"), job.Text("cost"), job.GetProperty("cost_is_estimated").GetBoolean()));
        Assert.Equal((1, 2.10m, LedgerOf.Paid), (proxy.SubmitsOf(order), proxy.AtFal(order).Billed.Amount, LedgerOf.Of(proxy, id)));
    }
}

/// <summary>An upstream that answers by the letter of a test.</summary>
public sealed class OddUpstreamTests(OddUpstreamTests.OddUpstreamFixture proxy) : IClassFixture<OddUpstreamTests.OddUpstreamFixture>
{
    private const string Units = "x-fal-billable-units: 5\r\n", Video = """{"video":{"url":"https://v3b.fal.media/files/b/x/output.mp4","content_type":"video/mp4"}}""";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task X10_half_an_hour_of_504_ends_nothing()
    {
        var (caller, id) = await Submitted();
        var (refused, mended) = (0, false);
        proxy.Upstream.Answer = path => path switch
        {
            _ when IsStatus(path) => Completed,
            _ when mended => RawUpstream.Json(200, Video, headers: Units),
            _ => Count(ref refused, "HTTP/1.1 504 X\r\nContent-Type: text/html\r\nContent-Length: 6\r\n\r\n<html>"),
        };
        var begun = proxy.Clock.GetUtcNow();

        await proxy.TurnUntil(TimeSpan.FromSeconds(10), () => Task.FromResult(proxy.Clock.GetUtcNow() - begun > TimeSpan.FromMinutes(31)));
        await proxy.TurnUntil(TimeSpan.FromSeconds(10), () => Task.FromResult(refused > 3));
        var waiting = await Stored(id);
        Assert.Equal((JobStatus.Finalizing, false, LedgerOf.Held), (waiting.Status, waiting.NeedsAttention, LedgerOf.Of(proxy, id)));
        mended = true;
        await proxy.TurnUntil(TimeSpan.FromSeconds(10), async () => (await Stored(id)).HasEnded);

        await Ended(caller, id, "completed", "2.10", LedgerOf.Paid);
    }

    [Fact]
    public async Task X11_an_unknown_status_word_changes_nothing()
    {
        var (caller, id) = await Submitted();
        var (odd, known) = (0, false);
        proxy.Upstream.Answer = path => path switch
        {
            _ when IsStatus(path) && known => Completed,
            _ when IsStatus(path) => Count(ref odd, RawUpstream.Json(200, """{"status":"FAILED"}""")),
            _ => RawUpstream.Json(200, Video, headers: Units),
        };

        await proxy.TurnUntil(TimeSpan.FromSeconds(10), () => Task.FromResult(odd > 2));
        Assert.Equal((JobStatus.Queued, LedgerOf.Held), ((await Stored(id)).Status, LedgerOf.Of(proxy, id)));
        await proxy.Until(() => proxy.Log.Lines.Any(line => line.Contains(id, StringComparison.Ordinal) && line.Contains("an unknown status word", StringComparison.Ordinal)));
        known = true;
        await proxy.TurnUntil(TimeSpan.FromSeconds(10), async () => (await Stored(id)).HasEnded);

        await Ended(caller, id, "completed", "2.10", LedgerOf.Paid);
    }

    [Fact]
    public async Task X12_a_request_that_fal_no_longer_knows_waits_for_a_person_with_its_hold()
    {
        var (caller, id) = await Submitted();
        proxy.Upstream.Answer = _ => RawUpstream.Json(404, """{"status":"NOT_FOUND"}""");

        await proxy.TurnUntil(TimeSpan.FromSeconds(30), async () => (await Stored(id)).NeedsAttention);

        var job = await caller.Call($"GET /v1/jobs/{id}").Json();
        Assert.Equal(("finalizing", System.Text.Json.JsonValueKind.Null), (job.Text("status"), job.GetProperty("cost").ValueKind));
        Assert.Equal((1, LedgerOf.Held), (proxy.Submits, LedgerOf.Of(proxy, id)));
    }

    [Fact]
    public async Task X11_a_word_that_never_makes_sense_waits_for_a_person_and_the_result_still_has_the_last_word()
    {
        var (caller, id) = await Submitted();
        var result = RawUpstream.Json(401, """{"detail":"No."}""");
        proxy.Upstream.Answer = path => IsStatus(path) ? RawUpstream.Json(200, """{"status":"FAILED"}""") : result;

        await proxy.TurnUntil(TimeSpan.FromSeconds(30), async () => (await Stored(id)).NeedsAttention);
        Assert.Equal((1, LedgerOf.Held), (proxy.Submits, LedgerOf.Of(proxy, id)));
        result = RawUpstream.Json(200, Video, headers: Units);
        await proxy.TurnUntil(TimeSpan.FromSeconds(30), async () => (await Stored(id)).HasEnded);

        Assert.False((await Stored(id)).NeedsAttention);
        await Ended(caller, id, "completed", "2.10", LedgerOf.Paid);
    }

    [Fact]
    public async Task X12_a_request_that_is_unknown_for_a_moment_goes_on()
    {
        var (caller, id) = await Submitted();
        var (asked, done) = (0, false);
        proxy.Upstream.Answer = path => path switch
        {
            _ when IsStatus(path) => done ? Completed : Count(ref asked, RawUpstream.Json(404, """{"status":"NOT_FOUND"}""")),
            _ => done ? RawUpstream.Json(200, Video, headers: Units) : RawUpstream.Json(400, """{"detail":"Request is still in progress"}"""),
        };

        await proxy.TurnUntil(TimeSpan.FromSeconds(10), () => Task.FromResult(asked > 2));
        Assert.Equal(JobStatus.Queued, (await Stored(id)).Status);
        done = true;
        await proxy.TurnUntil(TimeSpan.FromSeconds(10), async () => (await Stored(id)).HasEnded);

        await Ended(caller, id, "completed", "2.10", LedgerOf.Paid);
    }

    [Fact]
    public async Task X22_a_job_that_somebody_else_canceled_counts_as_billed()
    {
        var (caller, id) = await Submitted();
        proxy.Upstream.Answer = path => IsStatus(path)
            ? RawUpstream.Json(200, """{"status":"COMPLETED","error":"cancelled","error_type":"client_cancelled"}""")
            : RawUpstream.Json(499, """{"detail":"cancelled","error_type":"client_cancelled"}""");

        await proxy.TurnUntil(TimeSpan.FromSeconds(10), async () => (await Stored(id)).HasEnded);

        var job = await Ended(caller, id, "canceled", "2.10", LedgerOf.Paid);
        Assert.True(job.GetProperty("cost_is_estimated").GetBoolean());
    }

    [Fact]
    public async Task X28_half_a_character_in_fals_words_stops_nothing()
    {
        var (caller, id) = await Submitted();
        proxy.Upstream.Answer = path => IsStatus(path)
            ? RawUpstream.Json(200, """{"status":"COMPLETED","logs":[{"message":"\udc80 odd","level":"\ud800"}],"\udc80":1}""")
            : RawUpstream.Json(200, """{"\udc80":"\udc80","video":{"url":"https://v3b.fal.media/files/b/x/output.mp4","file_name":"\udc80"}}""", headers: Units);

        await proxy.TurnUntil(TimeSpan.FromSeconds(10), async () => (await Stored(id)).HasEnded);

        await Ended(caller, id, "completed", "2.10", LedgerOf.Paid);
    }

    [Fact]
    public async Task X28_what_fal_says_beyond_what_we_know_is_neither_feared_nor_passed_on()
    {
        var (caller, id) = await Submitted("""{"request_id":"odd","priority":{"of":[1,null]},"queue_position":"soon","logs":7,"metrics":[]}""");
        proxy.Upstream.Answer = path => IsStatus(path)
            ? RawUpstream.Json(200, """{"status":"COMPLETED","eta":null,"metrics":{"gpu":[{}]},"logs":{"a":1},"queue_position":{}}""")
            : RawUpstream.Json(200, """{"seed":7,"video":{"url":"https://v3b.fal.media/files/b/x/output.mp4","content_type":7,"file_size":"large","poster":{"url":"x"}},"surprise":[[]]}""", headers: Units);

        await proxy.TurnUntil(TimeSpan.FromSeconds(10), async () => (await Stored(id)).HasEnded);

        var job = await Ended(caller, id, "completed", "2.10", LedgerOf.Paid);
        Assert.Equal(["url", "content_type", "file_name", "file_size"], job.GetProperty("video").EnumerateObject().Select(field => field.Name));
        Assert.DoesNotContain("surprise", job.GetRawText(), StringComparison.Ordinal);
    }

    private static string Completed => RawUpstream.Json(200, """{"status":"COMPLETED"}""");

    private static bool IsStatus(string path) => path.Contains("/status", StringComparison.Ordinal);

    private static string Count(ref int counter, string reply)
    {
        Interlocked.Increment(ref counter);
        return reply;
    }

    private Task<Job> Stored(string id) => proxy.Stored(id, Cancel);

    private async Task<(HttpClient Caller, string Id)> Submitted(string reply = """{"request_id":"r1"}""")
    {
        proxy.Upstream.Answer = _ => RawUpstream.Json(200, """{"status":"IN_QUEUE","queue_position":0}""");
        proxy.Upstream.AfterPost = (connection, _) => RawUpstream.Say(connection, RawUpstream.Json(200, reply));
        proxy.Submits = 0;
        var caller = await proxy.NewCaller();
        var before = proxy.Upstream.Posts;
        var id = (await caller.Create()).Text("id");
        await proxy.Until(async () => (await Stored(id)).Status == JobStatus.Queued);
        proxy.Submits = proxy.Upstream.Posts - before;
        return (caller, id);
    }

    private async Task<System.Text.Json.JsonElement> Ended(HttpClient caller, string id, string status, string cost, string books)
    {
        var job = await caller.Call($"GET /v1/jobs/{id}").Json();
        Assert.Equal((status, cost, 1, books), (job.Text("status"), job.Text("cost"), proxy.Submits, LedgerOf.Of(proxy, id)));
        return job;
    }

    public sealed class OddUpstreamFixture : TimedFixture
    {
        internal RawUpstream Upstream { get; } = new();

        internal int Submits { get; set; }

        protected override IEnumerable<(string Name, string Value)> Settings => [.. base.Settings, ("Fal:QueueUrl", Upstream.Url)];

        internal async Task<Job> Stored(string id, CancellationToken cancel) => (await Services.GetRequiredService<IJobStore>().Find(new JobId(id), cancel))!;

        public override async ValueTask DisposeAsync()
        {
            await base.DisposeAsync();
            await Upstream.DisposeAsync();
            GC.SuppressFinalize(this);
        }
    }
}
