using KlingProxy.Ids;
using KlingProxy.Jobs.Submitting;
using KlingProxy.Tests.Fixtures;
using KlingProxy.Tests.Storage.Postgres;

using Microsoft.Extensions.DependencyInjection;

namespace KlingProxy.Tests.FalCompat.Repetition;

/// <summary>The first may be in flight in another process.</summary>
public sealed class RepeatedWishElsewhereTests(ReplicaFixture replicas) : IClassFixture<ReplicaFixture>
{
    private const string Run = $"POST /fal/run/{FalCalls.Model}";

    [Fact]
    public async Task A_run_is_one_run_through_both()
    {
        var (caller, callerOfOther) = await Callers();
        var order = Given.Order();
        var first = caller.Call(Run, order["input"]);
        await replicas.Until(() => replicas.SubmitsOf(order) == 1);

        var second = callerOfOther.Call(Run, order["input"]);
        var submitted = await callerOfOther.Submit(order);
        Assert.Equal(202, await caller.Follow("GET", submitted.Text("status_url")).Status());
        var third = callerOfOther.Call(Run, order["input"]);
        var id = submitted.Text("request_id");
        await replicas.Until(() => replicas.Other.Services.GetRequiredService<UnacknowledgedCreates>().Held(new JobId(id)) == 2);
        var runs = await replicas.End(Task.WhenAll(first, second, third));

        Assert.All(runs, run => Assert.Equal(id, Assert.Single(run.Headers.GetValues("x-fal-request-id"))));
        Assert.Equal(1, replicas.SubmitsOf(order));
    }

    [Fact]
    public async Task A_submit_is_one_until_either_hears_it_named()
    {
        var (caller, callerOfOther) = await Callers();
        var order = Given.Order();

        var all = await Task.WhenAll(Enumerable.Range(0, 20).Select(number => (number % 2 == 0 ? caller : callerOfOther).Submit(order)));
        Assert.Single(all.Select(submitted => submitted.Text("request_id")).Distinct());
        Assert.Equal(202, await callerOfOther.Follow("GET", all[0].Text("status_url")).Status());
        var second = await caller.Submit(order);

        Assert.NotEqual(all[0].Text("request_id"), second.Text("request_id"));
        Assert.Equal(2, replicas.SubmitsOf(order));
    }

    private async Task<(HttpClient Caller, HttpClient CallerOfOther)> Callers()
    {
        var secret = await replicas.NewKey();
        return (replicas.With(secret), replicas.Other.With(secret));
    }
}
