using KlingProxy.Tests.EndToEnd;
using KlingProxy.Tests.Fixtures;

namespace KlingProxy.Tests.Faults.Upstream;

/// <summary>What provably never became a job at fal is sent again until the start deadline, and then costs nothing.</summary>
public sealed class UnreachableFalTests(UnreachableFalTests.Refused refused) : IClassFixture<UnreachableFalTests.Refused>
{
    [Theory]
    [InlineData("no listener")]
    [InlineData("no such name")]
    [InlineData("no TLS")]
    public async Task X04_what_provably_never_left_is_tried_again_and_never_unconfirmed(string trouble)
    {
        await using var proxy = new UnreachableFalFixture(trouble);
        await proxy.InitializeAsync();
        using var caller = await proxy.NewCaller();

        var id = (await caller.Create()).Text("id");
        await proxy.Until(() => LedgerOf.Document(proxy.DatabaseFile, id).Contains("\"unsent_attempts\":2", StringComparison.Ordinal));

        Assert.Equal(["submitting"], (await caller.Call($"GET /v1/jobs/{id}/events", null, ("Accept", "application/json")).Json()).GetProperty("data").EnumerateArray().Statuses());
        Assert.Equal((trouble, 0, LedgerOf.Held), (trouble, proxy.Fal.Counts.Submits, LedgerOf.Of(proxy, id)));
    }

    [Fact]
    public async Task X04_it_expires_for_nothing_at_the_start_deadline()
    {
        using var caller = await refused.NewCaller();

        var job = await caller.Create();
        Assert.Equal("submitting", job.Text("status"));
        await refused.TurnWhileUnsent(job.Text("id"), () => false);
        var events = await refused.End(caller.AllEvents(job.Text("id")));
        job = await caller.Call($"GET /v1/jobs/{job.Text("id")}").Json();

        Assert.Equal(["submitting", "expired"], events.Statuses());
        Assert.Equal(("0.00", "upstream-unavailable"), (job.Text("cost"), job.GetProperty("error").Text("code")));
        Assert.Equal(LedgerOf.Released, LedgerOf.Of(refused, job.Text("id")));
    }

    private static string ClosedPort => $"http://127.0.0.1:{FreePort.Next()}";

    public sealed class Refused : TimedFixture
    {
        protected override IEnumerable<(string Name, string Value)> Settings => [.. base.Settings, ("Fal:StartTimeout", "00:01:00"), ("Fal:QueueUrl", ClosedPort)];
    }

    private sealed class UnreachableFalFixture(string trouble) : ProxyFixture
    {
        protected override IEnumerable<(string Name, string Value)> Settings => [("Jobs:SubmitWait", "00:00:00"), ("Fal:QueueUrl", trouble switch
        {
            "no listener" => ClosedPort,
            "no such name" => "https://fal.invalid", // reserved never to exist (RFC 6761)
            _ => $"https://127.0.0.1:{Fal.Url.Port}", // the sandbox speaks plain HTTP there
        })];
    }
}
