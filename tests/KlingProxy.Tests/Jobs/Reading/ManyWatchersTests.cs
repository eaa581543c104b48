using System.Text.Json;

using KlingProxy.Tests.FalWebhooks;
using KlingProxy.Tests.Fixtures;

namespace KlingProxy.Tests.Jobs.Reading;

/// <summary>However many watch, and however, fal hears of one.</summary>
public abstract class ManyWatchers(ProxyFixture proxy)
{
    private const int Watchers = 50;

    /// <summary>Of one job, over its whole life: the submit, its status as a stream, its result.</summary>
    private const int MaxCalls = 3;

    [Fact]
    public async Task Cost_fal_no_more_than_one()
    {
        using var caller = await proxy.NewCaller();
        var order = Given.Order();
        var id = (await caller.Create(order)).Text("id");

        var watching = Enumerable.Range(0, Watchers).Select(number => (number % 3) switch
        {
            0 => ByStream(caller, id),
            1 => Ended(caller, id, ("Prefer", "wait=30")),
            _ => Ended(caller, id),
        }).ToList();
        foreach (var (minutes, status) in new[] { (0.1, "queued"), (1, "in_progress"), (2, "in_progress"), (10, "completed") })
        {
            proxy.FalClock.Advance(TimeSpan.FromMinutes(minutes));
            await caller.Reaches(id, status);
        }

        Assert.All(await Task.WhenAll(watching), status => Assert.Equal("completed", status));
        var calls = proxy.Fal.ReceivedFor(proxy.AtFal(order).RequestId).Select(call => call.Operation).ToList();
        Assert.True(calls.Count <= MaxCalls, string.Join(", ", calls));
    }

    private static async Task<string> ByStream(HttpClient caller, string id) => (await caller.AllEvents(id)).Statuses().Last();

    private static async Task<string> Ended(HttpClient caller, string id, params (string, string)[] headers)
    {
        while (true)
        {
            var job = await caller.Call($"GET /v1/jobs/{id}", null, headers).Json();
            if (job.GetProperty("ended_at").ValueKind == JsonValueKind.String)
                return job.Text("status");
        }
    }
}

public sealed class ManyWatchersTests(ManyWatchersTests.ManyWatchersFixture proxy) : ManyWatchers(proxy), IClassFixture<ManyWatchersTests.ManyWatchersFixture>
{
    public sealed class ManyWatchersFixture : ProxyFixture
    {
        protected override IEnumerable<(string Name, string Value)> Settings => [("Jobs:PollInterval", "00:00:05"), ("Jobs:SweepInterval", "00:00:02")]; // an operator's defaults
    }
}

public sealed class ManyWatchersAndAWebhookTests(ManyWatchersAndAWebhookTests.ManyWatchersAndAWebhookFixture proxy) : ManyWatchers(proxy), IClassFixture<ManyWatchersAndAWebhookTests.ManyWatchersAndAWebhookFixture>
{
    public sealed class ManyWatchersAndAWebhookFixture : PublicFixture
    {
        protected override IEnumerable<(string Name, string Value)> Settings => [("Jobs:PollInterval", "00:00:05"), ("Jobs:SweepInterval", "00:00:02")];
    }
}
