using System.Net.Http.Json;
using System.Text.Json.Nodes;

using KlingProxy.Storage;
using KlingProxy.Tests.Fixtures;

using Microsoft.Extensions.DependencyInjection;

namespace KlingProxy.Tests.Jobs.Submitting;

/// <summary>Clients try again when their connection breaks. Without an idempotency key that must not make, and pay, a second video.</summary>
public sealed class AdoptionTests(TimedFixture proxy) : IClassFixture<TimedFixture>
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_same_body_after_a_broken_connection_is_the_same_video()
    {
        using var caller = await proxy.NewCaller();
        var order = Given.Order();
        await Abandon(caller, order);

        using var reply = await caller.Call("POST /v1/jobs", order);

        Assert.Equal((202, "true"), ((int)reply.StatusCode, Assert.Single(reply.Headers.GetValues("Idempotent-Replayed"))));
        Assert.Equal((await OnlyJob(caller)), (await reply.Json()).Text("id"));
        Assert.Equal(1, proxy.SubmitsOf(order));
    }

    [Fact]
    public async Task A_third_attempt_after_a_second_broken_one_too()
    {
        using var caller = await proxy.NewCaller();
        var order = Given.Order();
        await Abandon(caller, order);
        await Abandon(caller, order);

        using var reply = await caller.Call("POST /v1/jobs", order);

        Assert.Equal((await OnlyJob(caller)), (await reply.Json()).Text("id"));
        Assert.Equal(1, proxy.SubmitsOf(order));
    }

    [Fact]
    public async Task Once_answered_the_same_body_is_a_new_wish()
    {
        using var caller = await proxy.NewCaller();
        var order = Given.Order();
        await Abandon(caller, order);
        await caller.Create(order);

        using var reply = await caller.Call("POST /v1/jobs", order);

        Assert.False(reply.Headers.Contains("Idempotent-Replayed"));
        await proxy.Until(() => proxy.SubmitsOf(order) == 2);
    }

    [Fact]
    public async Task Another_caller_or_another_body_is_another_video()
    {
        using var caller = await proxy.NewCaller();
        using var another = await proxy.NewCaller();
        var (order, other) = (Given.Order(), Given.Order());
        await Abandon(caller, order);

        await another.Create(order);
        await caller.Create(other);

        await proxy.Until(() => (proxy.SubmitsOf(order), proxy.SubmitsOf(other)) == (2, 1));
    }

    [Fact]
    public async Task While_the_first_still_waits_for_its_answer_a_second_is_a_new_wish()
    {
        using var caller = await proxy.NewCaller();
        var order = Given.Order();
        using var gone = new CancellationTokenSource();
        var first = Waiting(caller, order, gone.Token);
        await proxy.Until(() => proxy.SubmitsOf(order) == 1);

        var second = caller.Call("POST /v1/jobs", order);
        await proxy.TurnUntil(TimeSpan.FromMilliseconds(50), () => Task.FromResult(second.IsCompleted));

        Assert.False((await second).Headers.Contains("Idempotent-Replayed"));
        await proxy.Until(() => proxy.SubmitsOf(order) == 2);
        await gone.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);
    }

    [Fact]
    public async Task After_two_minutes_it_is_a_new_wish()
    {
        using var caller = await proxy.NewCaller();
        var order = Given.Order();
        await Abandon(caller, order);
        await proxy.Until(async () => await Until(await OnlyJob(caller)) <= proxy.Clock.GetUtcNow().AddMinutes(2)); // its end is known

        proxy.Clock.Advance(TimeSpan.FromMinutes(2));
        using var reply = await caller.Call("POST /v1/jobs", order);

        Assert.False(reply.Headers.Contains("Idempotent-Replayed"));
        await proxy.Until(() => proxy.SubmitsOf(order) == 2);
    }

    [Fact]
    public async Task What_fal_refused_may_be_tried_again()
    {
        using var caller = await proxy.NewCaller();
        var order = Given.OrderThat("rejects");
        await Abandon(caller, order);
        var first = await caller.Ended(await OnlyJob(caller));

        using var reply = await caller.Call("POST /v1/jobs", order);

        Assert.Equal("failed", first.Text("status"));
        Assert.False(reply.Headers.Contains("Idempotent-Replayed"));
        await proxy.Until(() => proxy.SubmitsOf(order) == 2);
    }

    // Asks, and hangs up as soon as fal was asked.
    private async Task Abandon(HttpClient caller, JsonNode order)
    {
        using var gone = new CancellationTokenSource();
        var waiting = Waiting(caller, order, gone.Token);
        await proxy.Until(() => proxy.SubmitsOf(order) > 0);
        await gone.CancelAsync();
        await waiting.ContinueWith(_ => { }, TaskScheduler.Default); // hung up, or just answered
    }

    // The service's clock stands still, so this answer never comes.
    private static async Task<HttpResponseMessage> Waiting(HttpClient caller, JsonNode order, CancellationToken cancel)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/jobs") { Content = JsonContent.Create(order), Headers = { { "Prefer", "wait=60" } } };
        return await caller.SendAsync(request, cancel);
    }

    private static async Task<string> OnlyJob(HttpClient caller) =>
        Assert.Single((await caller.Call("GET /v1/jobs").Json()).GetProperty("data").EnumerateArray()).Text("id");

    private async Task<DateTimeOffset> Until(string jobId) => (await proxy.Services.GetRequiredService<ISqlDatabase>().Read(sql =>
        sql.Query("SELECT until FROM unanswered WHERE job_id = @id", row => row.Time(0), ("@id", jobId)))).Single();
}
