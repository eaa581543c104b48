using KlingProxy.Tests.Fixtures;

namespace KlingProxy.Tests.Jobs;

public sealed class OwnershipTests(ProxyFixture proxy) : IClassFixture<ProxyFixture>
{
    private const string Nobodys = "job_00000000000000000000000000000000";

    public static TheoryData<string, string> Calls =>
    [
        .. from call in new[] { "GET {job}", "DELETE {job}", "POST {job}/cancel", "GET {job}/events", "GET {job}/events?after=1", "GET {job}/video", "HEAD {job}/video" }
           from state in new[] { "running", "completed", "failed" }
           select (call, state),
    ];

    [Theory]
    [MemberData(nameof(Calls))]
    public async Task Others_jobs_answer_exactly_like_missing_ones(string call, string state)
    {
        using var owner = await proxy.NewCaller();
        using var stranger = await proxy.NewCaller();
        var job = await owner.Create(state == "failed" ? Given.OrderThat("completes-then-422") : Given.Order());
        if (state != "running")
            await proxy.End(owner, job.Text("id"));
        var cancels = proxy.Fal.Counts.Cancels;

        var theirs = await stranger.Call(call.Replace("{job}", $"/v1/jobs/{job.Text("id")}", StringComparison.Ordinal)).Essence();
        var missing = await stranger.Call(call.Replace("{job}", $"/v1/jobs/{Nobodys}", StringComparison.Ordinal)).Essence();

        Assert.StartsWith("404", theirs, StringComparison.Ordinal);
        Assert.Equal(missing, theirs);
        Assert.Equal(cancels, proxy.Fal.Counts.Cancels);
        Assert.Equal(200, await owner.Call($"GET /v1/jobs/{job.Text("id")}").Status());
    }
}
