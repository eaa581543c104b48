using System.Text.Json.Nodes;

using KlingProxy.Jobs;
using KlingProxy.Jobs.Canceling;
using KlingProxy.Tests.Fal;
using KlingProxy.Tests.Fixtures;

namespace KlingProxy.Tests.Faults.Upstream;

/// <summary>A person declared a job over whose submit was still in the air: its answer comes all the same, and nothing but us looks after the job at fal.</summary>
public sealed class LateAnswerTests(OddUpstreamTests.OddUpstreamFixture proxy) : IClassFixture<OddUpstreamTests.OddUpstreamFixture>
{
    private const string Film = """{"video":{"url":"https://v3b.fal.media/files/b/x/output.mp4","content_type":"video/mp4"}}""";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task X18_an_answer_to_a_job_that_was_declared_over_brings_its_film()
    {
        using var boss = proxy.Operator();
        var (caller, id) = await DeclaredOver(boss, "r-late");
        proxy.Upstream.Answer = path => path.Contains("/status", StringComparison.Ordinal) ? RawUpstream.Json(200, """{"status":"COMPLETED"}""") : RawUpstream.Json(200, Film, headers: "x-fal-billable-units: 3\r\n");

        await proxy.TurnUntil(TimeSpan.FromSeconds(30), async () => (await proxy.Stored(id, Cancel)).Status == JobStatus.Completed);

        var row = Assert.Single((await boss.Call("GET /v1/attention?limit=100").Json()).GetProperty("data").EnumerateArray(), row => row.Text("id") == id);
        Assert.Equal(("delivered-late", "r-late", "1.26"), (row.Text("reason"), row.Text("request_id"), row.Text("cost")));
        Assert.Equal("correction 1.26, hold 2.10, release 2.10", LedgerOf.Of(proxy, id));
        caller.Dispose();
    }

    [Fact]
    public async Task X18_where_fal_never_tells_how_it_ended_the_declared_end_stands_and_looking_has_an_end()
    {
        using var boss = proxy.Operator();
        var (caller, id) = await DeclaredOver(boss, "r-silent");
        proxy.Upstream.Answer = _ => RawUpstream.Json(404, """{"status":"NOT_FOUND"}""");
        Assert.Equal(409, await caller.Call($"DELETE /v1/jobs/{id}").Status());

        await proxy.TurnUntil(TimeSpan.FromMinutes(5), async () => !(await proxy.Stored(id, Cancel)).EndIsDisputed);

        Assert.Equal((JobStatus.Failed, 0m, AttentionReason.DeliveredLate), (await proxy.Stored(id, Cancel)) is var job ? (job.Status, job.Cost, job.Attention) : default);
        Assert.Equal(LedgerOf.Released, LedgerOf.Of(proxy, id));
        Assert.Equal(200, await boss.Call($"POST /v1/jobs/{id}/resolve", new JsonObject { ["acknowledge"] = true }).Status());
        Assert.Equal(204, await caller.Call($"DELETE /v1/jobs/{id}").Status());
        caller.Dispose();
    }

    private async Task<(HttpClient Caller, string Id)> DeclaredOver(HttpClient boss, string request)
    {
        var caller = await proxy.NewCaller();
        var mayAnswer = new TaskCompletionSource();
        proxy.Upstream.AfterPost = async (connection, _) =>
        {
            await mayAnswer.Task.Within();
            return await RawUpstream.Say(connection, RawUpstream.Json(200, $$"""{"request_id":"{{request}}"}"""));
        };
        var before = proxy.Upstream.Posts;
        var id = (await caller.Create()).Text("id");
        await proxy.Until(() => proxy.Upstream.Posts == before + 1);
        proxy.Clock.AdjustTime(proxy.Clock.GetUtcNow().AddMinutes(10)); // the clock was set: what is in the air counts as lost
        proxy.Clock.Advance(TimeSpan.FromSeconds(10));
        await proxy.Until(async () => (await proxy.Stored(id, Cancel)).Status == JobStatus.Unconfirmed);
        Assert.Equal(200, await boss.Call($"POST /v1/jobs/{id}/resolve", new JsonObject { ["cost"] = "0" }).Status());

        mayAnswer.SetResult();
        await proxy.Until(async () => (await proxy.Stored(id, Cancel)).RequestId == request);
        return (caller, id);
    }
}
