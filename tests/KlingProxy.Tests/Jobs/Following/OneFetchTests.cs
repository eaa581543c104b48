using System.Text.Json.Nodes;

using KlingProxy.Ids;
using KlingProxy.Jobs;
using KlingProxy.Jobs.Following;
using KlingProxy.Sandbox;
using KlingProxy.Tests.FalWebhooks;
using KlingProxy.Tests.Fixtures;

using Microsoft.Extensions.DependencyInjection;

namespace KlingProxy.Tests.Jobs.Following;

/// <summary>A job that ten tabs watch costs fal three calls: the submit, its status as a stream, and its result. Whatever tells of the end first.</summary>
public sealed class OneFetchTests(OneFetchTests.OneFetchFixture proxy) : IClassFixture<OneFetchTests.OneFetchFixture>
{
    private const int Tabs = 10;

    private static readonly SandboxOperation[] Needed = [SandboxOperation.Submit, SandboxOperation.Stream, SandboxOperation.Result];

    private CompleteJob Complete => proxy.Services.GetRequiredService<CompleteJob>();

    [Fact]
    public async Task Told_by_stream_and_webhook_at_once()
    {
        var (id, order, tabs) = await Watched(Given.Order());

        await proxy.Deliver(proxy.AtFal(order).RequestId); // and the stream ends
        await Task.WhenAll(tabs).Within();

        Assert.Equal(Needed, CallsOf(order));
        Assert.Equal(JobStatus.Completed, (await proxy.Stored(id)).Status);
    }

    [Fact]
    public async Task Told_while_the_result_is_on_its_way()
    {
        var (id, order, tabs) = await Watched(Given.OrderThat("loses-webhook"));
        var arrives = new TaskCompletionSource();
        proxy.Traffic.BeforeResult = arrives.Task;

        proxy.LetJobsEnd();
        await proxy.Until(() => proxy.Traffic.InTheAir.Any(call => call.EndsWith(proxy.AtFal(order).RequestId, StringComparison.Ordinal)));
        var told = Enumerable.Range(0, 20).Select(_ => Complete.Complete(new JobId(id), TestContext.Current.CancellationToken)).ToList(); // by deliveries, and a sweep
        arrives.SetResult();

        Assert.All(await Task.WhenAll(told).Within(), job => Assert.Equal(JobStatus.Completed, job!.Status));
        await Task.WhenAll(tabs).Within();
        Assert.Equal(Needed, CallsOf(order));
    }

    private async Task<(string Id, JsonNode Order, List<Task> Tabs)> Watched(JsonNode order)
    {
        var caller = await proxy.NewCaller();
        var id = (await caller.Create(order)).Text("id");
        var tabs = Enumerable.Range(0, Tabs).Select(_ => (Task)caller.AllEvents(id)).ToList();
        await proxy.Until(() => CallsOf(order).Contains(SandboxOperation.Stream));
        return (id, order, tabs);
    }

    private List<SandboxOperation> CallsOf(JsonNode order) => [.. proxy.Fal.ReceivedFor(proxy.AtFal(order).RequestId).Select(call => call.Operation)];

    public sealed class OneFetchFixture : PublicFixture
    {
        protected override IEnumerable<(string Name, string Value)> Settings => [("Jobs:PollInterval", "00:00:05"), ("Jobs:SweepInterval", "00:00:02")]; // an operator's defaults
    }
}
