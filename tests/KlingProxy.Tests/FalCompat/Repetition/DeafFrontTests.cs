using System.Text;
using System.Text.Json.Nodes;

using KlingProxy.Ids;
using KlingProxy.Jobs.Submitting;
using KlingProxy.Tests.Fixtures;

using Microsoft.Extensions.DependencyInjection;

namespace KlingProxy.Tests.FalCompat.Repetition;

/// <summary>One call of <c>fal_client.run(timeout=2)</c>, which sends again nine times what it does not hear, behind a front that does not pass on a hang-up: nine videos, once.</summary>
public sealed class DeafFrontTests(TimedFixture proxy) : IClassFixture<TimedFixture>
{
    /// <summary>Of Python's client.</summary>
    private const int Attempts = 10;

    [Fact]
    public async Task Ten_attempts_are_one_video()
    {
        await using var front = new DeafFront(proxy.Address);
        using var caller = await Behind(front);
        var order = Given.Order();

        for (var attempt = 1; attempt < Attempts; attempt++)
        {
            await GiveUp(caller, order, () => IsHeld(caller, attempt));
            proxy.Clock.Advance(TimeSpan.FromSeconds(Math.Min(30, 0.1 * Math.Pow(2, attempt - 1))));
        }
        using var last = await proxy.End(caller.Call($"POST /fal/run/{FalCalls.Model}", order["input"]));

        Assert.Equal((200, 1), ((int)last.StatusCode, proxy.SubmitsOf(order)));
    }

    [Fact]
    public async Task A_video_that_came_in_the_longest_pause_is_still_theirs()
    {
        await using var front = new DeafFront(proxy.Address);
        using var caller = await Behind(front);
        var order = Given.Order();

        for (var attempt = 1; attempt < Attempts; attempt++)
            await GiveUp(caller, order, () => IsHeld(caller, attempt));
        await proxy.Until(() =>
        {
            proxy.LetJobsEnd();
            return IsHeld(caller, 0); // told to nobody
        });
        proxy.Clock.Advance(TimeSpan.FromSeconds(25.6));
        using var last = await caller.Call($"POST /fal/run/{FalCalls.Model}", order["input"]);

        Assert.Equal((200, 1), ((int)last.StatusCode, proxy.SubmitsOf(order)));
    }

    [Fact]
    public async Task Ten_submits_that_nobody_heard_are_one_request()
    {
        await using var front = new DeafFront(proxy.Address);
        using var caller = await Behind(front);
        var order = Given.OrderThat("holds-reply");

        for (var attempt = 1; attempt < Attempts; attempt++)
        {
            var before = front.Requests;
            await GiveUp(caller, order, () => Task.FromResult(front.Requests > before), "queue");
        }
        await caller.Submit(order);

        await proxy.Until(() => proxy.SubmitsOf(order) > 0);
        Assert.Equal(1, proxy.SubmitsOf(order));
    }

    private async Task<HttpClient> Behind(DeafFront front)
    {
        var caller = await proxy.NewFalCaller();
        caller.BaseAddress = front.Address;
        return caller;
    }

    private async Task<bool> IsHeld(HttpClient caller, int attempts) =>
        (await caller.Call("GET /v1/jobs").Json()).GetProperty("data").EnumerateArray().ToList() is [var only] && proxy.Services.GetRequiredService<UnacknowledgedCreates>().Held(new JobId(only.Text("id"))) == attempts;

    private async Task GiveUp(HttpClient caller, JsonNode order, Func<Task<bool>> itIsThere, string door = "run")
    {
        using var hangUp = new CancellationTokenSource();
        using var request = new HttpRequestMessage(HttpMethod.Post, $"/fal/{door}/{FalCalls.Model}") { Content = new StringContent(order["input"]!.ToJsonString(), Encoding.UTF8, "application/json") };
        request.Headers.ConnectionClose = true; // each attempt comes on its own
        var call = caller.SendAsync(request, hangUp.Token);
        await proxy.Until(itIsThere);
        await hangUp.CancelAsync();
        await call.ContinueWith(_ => { }, TaskScheduler.Default); // given up, or answered just then
    }
}
