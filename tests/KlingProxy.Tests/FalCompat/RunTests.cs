using System.Text;
using System.Text.Json.Nodes;

using KlingProxy.Ids;
using KlingProxy.Jobs;
using KlingProxy.Tests.Fixtures;

using Microsoft.Extensions.DependencyInjection;

namespace KlingProxy.Tests.FalCompat;

/// <summary>A run is answered in one response, and is never worth a second video.</summary>
public sealed class RunTests(ProxyFixture proxy) : IClassFixture<ProxyFixture>
{
    private const string Run = $"POST /fal/run/{FalCalls.Model}";

    [Fact]
    public async Task Answers_with_the_video()
    {
        using var caller = await proxy.NewFalCaller();

        using var reply = await proxy.End(caller.Call(Run, Given.Order()["input"]));

        Assert.Equal(200, (int)reply.StatusCode);
        Assert.Equal("video/mp4", (await reply.Json()).GetProperty("video").Text("content_type"));
        Assert.StartsWith("job_", Assert.Single(reply.Headers.GetValues("x-fal-request-id")), StringComparison.Ordinal);
        Assert.Equal("5", Assert.Single(reply.Headers.GetValues("x-fal-billable-units")));
    }

    [Fact]
    public async Task Honours_what_a_submit_honours_and_names_the_rest()
    {
        using var caller = await proxy.NewFalCaller();
        var order = Given.Order();
        (string, string)[] many = [.. Enumerable.Range(10, 30).Select(number => ($"x-fal-wish-{number}", "1"))];

        using var reply = await proxy.End(caller.Call(Run, order["input"], [("x-fal-queue-priority", "low"), ("x-fal-request-timeout", "30"), ("x-fal-client-proxy", "mine"), .. many]));

        Assert.Equal(20, Assert.Single(reply.Headers.GetValues("X-KlingProxy-Ignored")).Split(", ").Length); // enough to understand
        Assert.All(Assert.Single(reply.Headers.GetValues("X-KlingProxy-Ignored")).Split(", "), name => Assert.StartsWith("x-fal-wish-", name, StringComparison.Ordinal));
        Assert.Equal("low", Assert.Single(proxy.Fal.Received, call => Encoding.UTF8.GetString(call.BodyStart.Span).Contains(order["input"]!["prompt"]!.GetValue<string>(), StringComparison.Ordinal)).Headers["x-fal-queue-priority"]);
    }

    [Fact]
    public async Task Loses_nothing_when_the_caller_hangs_up()
    {
        using var caller = await proxy.NewFalCaller();
        var order = Given.Order();

        await Abandon(caller, order);
        var job = Assert.Single((await caller.Call("GET /v1/jobs").Json()).GetProperty("data").EnumerateArray());

        Assert.Equal("completed", (await proxy.End(caller, job.Text("id"))).Text("status"));
        Assert.Equal(1, proxy.SubmitsOf(order));
    }

    [Fact]
    public async Task Tells_a_refusal_as_fal_does()
    {
        using var caller = await proxy.NewFalCaller();

        var error = await proxy.End(caller.Call(Run, Given.OrderThat("completes-then-422")["input"]).RefusedByFal(422));

        Assert.Equal("content_policy_violation", error.GetProperty("detail")[0].Text("type"));
    }

    [Fact]
    public async Task Is_refused_before_it_starts_like_a_submit()
    {
        using var caller = await proxy.NewFalCaller();

        await caller.Call(Run, Given.OrderThat("rejects")["input"]).RefusedByFal(422, "model-rejected");
        await caller.Call(Run, new JsonObject()).RefusedByFal(422, "invalid-input");
    }

    [Theory]
    [InlineData($"POST /fal/run/{FalCalls.Model}")]
    [InlineData($"POST /fal/queue/{FalCalls.Model}")]
    public async Task A_client_that_tries_again_after_a_broken_connection_gets_the_same_video(string again)
    {
        using var caller = await proxy.NewFalCaller();
        var order = Given.Order();
        await Abandon(caller, order);
        await Abandon(caller, order);

        using var reply = await proxy.End(caller.Call(again, order["input"]));

        var only = Assert.Single((await caller.Call("GET /v1/jobs").Json()).GetProperty("data").EnumerateArray()).Text("id");
        Assert.Equal((200, only), ((int)reply.StatusCode, Assert.Single(reply.Headers.GetValues("x-fal-request-id"))));
        Assert.Equal(1, proxy.SubmitsOf(order));
    }

    [Theory]
    [InlineData("billed")]
    [InlineData("canceled")]
    [InlineData("deleted")]
    public async Task What_ended_otherwise_but_not_for_nothing_is_not_made_again_by_a_client_that_repeats(string how)
    {
        using var caller = await proxy.NewFalCaller();
        var order = Given.Order();
        var run = caller.Call(Run, order["input"]);
        await proxy.Until(async () => (await caller.Call("GET /v1/jobs").Json()).GetProperty("data").EnumerateArray().Any(job => job.Text("status") == "queued"));
        var id = Assert.Single((await caller.Call("GET /v1/jobs").Json()).GetProperty("data").EnumerateArray()).Text("id");
        if (how == "billed")
            await proxy.Services.GetRequiredService<IJobStore>().Change(new JobId(id), job => job.Stopped(DateTimeOffset.UtcNow)?.EndedWithout(JobStatus.Failed, new JobError("upstream-failed", "fal could not make the video.", null, []), 5m, DateTimeOffset.UtcNow));
        if (how == "canceled")
            await proxy.Services.GetRequiredService<IJobStore>().Change(new JobId(id), job => job.Stopped(DateTimeOffset.UtcNow)?.EndedWithout(JobStatus.Canceled, null, 5m, DateTimeOffset.UtcNow));
        (await proxy.End(run)).Dispose();
        if (how == "deleted")
            Assert.Equal(204, await caller.Call($"DELETE /v1/jobs/{id}").Status());

        using var again = await proxy.End(caller.Call(Run, order["input"]));

        Assert.Equal(1, proxy.SubmitsOf(order));
        Assert.Equal(how switch { "deleted" => 410, "canceled" => 499, _ => 500 }, (int)again.StatusCode);
    }

    [Fact]
    public async Task What_ended_without_a_video_may_be_tried_again()
    {
        using var caller = await proxy.NewFalCaller();
        var order = Given.OrderThat("completes-then-422");

        for (var attempt = 1; attempt <= 2; attempt++)
        {
            await proxy.End(caller.Call(Run, order["input"]).RefusedByFal(422));
            Assert.Equal(attempt, proxy.SubmitsOf(order));
        }
    }

    // Node's fetch gives up after five minutes without headers, and fal's client then sends the run again.
    private async Task Abandon(HttpClient caller, JsonNode order)
    {
        using var hangUp = new CancellationTokenSource();
        using var request = new HttpRequestMessage(HttpMethod.Post, Run.Split(' ')[1]) { Content = new StringContent(order["input"]!.ToJsonString(), Encoding.UTF8, "application/json") };
        var run = caller.SendAsync(request, hangUp.Token);
        await proxy.Until(() => proxy.SubmitsOf(order) == 1);
        await hangUp.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => run);
    }
}

/// <summary>The longest wait, on a clock that a test turns.</summary>
public sealed class LongRunTests(TimedFixture proxy) : IClassFixture<TimedFixture>
{
    [Fact]
    public async Task Ends_the_wait_in_a_way_on_which_no_client_tries_again()
    {
        using var caller = await proxy.NewFalCaller();
        var order = Given.OrderThat("stalls");
        var run = caller.Call($"POST /fal/run/{FalCalls.Model}", order["input"]);
        await proxy.Until(() => proxy.SubmitsOf(order) == 1);

        await proxy.TurnUntil(TimeSpan.FromSeconds(20), () => Task.FromResult(run.IsCompleted));

        using var reply = await run;
        var body = await reply.Json();
        Assert.Equal((504, "user"), ((int)reply.StatusCode, Assert.Single(reply.Headers.GetValues("x-fal-request-timeout-type"))));
        Assert.Equal(Assert.Single(reply.Headers.GetValues("x-fal-request-id")), body.Text("request_id"));
        Assert.Contains(body.Text("request_id"), body.Text("message"), StringComparison.Ordinal);
        Assert.Equal(1, proxy.SubmitsOf(order));
    }
}
