using System.Data.Common;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;

using KlingProxy.Ids;
using KlingProxy.Jobs.Submitting;
using KlingProxy.Storage;
using KlingProxy.Tests.Fixtures;

using Microsoft.Extensions.DependencyInjection;

namespace KlingProxy.Tests.FalCompat.Repetition;

/// <summary>fal's clients send again what they did not hear, and nobody behind a front can tell who heard what. At fal's doors a repeated wish is one wish, and one video.</summary>
public sealed class RepeatedWishTests(TimedFixture proxy) : IClassFixture<TimedFixture>
{
    private const string Run = $"POST /fal/run/{FalCalls.Model}", Submit = $"POST /fal/queue/{FalCalls.Model}", Page = "https://app.example.com";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Equal_submits_at_once_are_one()
    {
        using var caller = await proxy.NewFalCaller();
        var order = Given.OrderThat("holds-reply");

        var all = await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => caller.Submit(order)));

        Assert.Single(all.Select(submitted => submitted.Text("request_id")).Distinct());
        await proxy.Until(() => proxy.SubmitsOf(order) == 1);
    }

    [Theory]
    [InlineData("GET", "/status", true)]
    [InlineData("GET", "/status/stream", true)]
    [InlineData("GET", "", true)]
    [InlineData("PUT", "/cancel", true)]
    [InlineData("GET", "/status", false)]
    public async Task A_submit_is_the_same_until_its_request_is_named(string verb, string below, bool byItsCaller)
    {
        using var caller = await proxy.NewFalCaller();
        using var anyone = proxy.Anyone();
        var order = Given.Order();
        var first = (await caller.Submit(order)).Text("request_id");
        var repeated = await caller.Submit(order);
        await proxy.Until(() => proxy.SubmitsOf(order) == 1);
        await proxy.Until(async () => (await caller.Call($"GET /v1/jobs/{first}").Json()).Text("status") == "queued"); // which names it to nobody at fal's door

        if (byItsCaller)
            await caller.Call($"{verb} /fal/queue/{FalCalls.App}/requests/{first}{below}").Status();
        else
            await anyone.Follow(verb, repeated.Text("status_url")).Status(); // signed: only who was told has it
        var second = (await caller.Submit(order)).Text("request_id");

        Assert.Equal(first, repeated.Text("request_id"));
        Assert.NotEqual(first, second);
        await proxy.Until(() => proxy.SubmitsOf(order) == 2);
    }

    [Fact]
    public async Task A_submit_is_not_named_by_who_pays_for_it()
    {
        using var server = await proxy.NewCaller("tickets", "jobs");
        using var browser = proxy.With((await server.Call("POST /v1/tickets", new JsonObject { ["max_cost"] = "2.10", ["origin"] = Page }).Json()).Text("ticket"));
        var order = Given.Order();
        var first = await browser.Submit(order, ("Origin", Page));

        Assert.Equal(202, await server.Follow("GET", first.Text("status_url")).Status());

        Assert.Equal(first.Text("request_id"), (await browser.Submit(order, ("Origin", Page))).Text("request_id")); // and not 403: its ticket is spent
    }

    [Fact]
    public async Task A_submit_that_came_before_its_repetition_was_named_is_the_same_however_late_its_body_comes()
    {
        using var caller = await proxy.NewFalCaller();
        var order = Given.Order();
        using var patient = new HttpClient(new SocketsHttpHandler { Expect100ContinueTimeout = Timeout.InfiniteTimeSpan });
        var body = new SlowBody(order["input"]!.ToJsonString()) { Headers = { { "Content-Type", "application/json" } } };
        using var slow = new HttpRequestMessage(HttpMethod.Post, new Uri(proxy.Address, Submit.Split(' ')[1])) { Content = body, Headers = { ExpectContinue = true, Authorization = caller.DefaultRequestHeaders.Authorization } };
        var first = patient.SendAsync(slow, Cancel);
        await body.Begun; // the service has asked for it
        proxy.Clock.Advance(TimeSpan.FromSeconds(1));

        var repeated = await caller.Submit(order);
        Assert.Equal(202, await caller.Follow("GET", repeated.Text("status_url")).Status());
        proxy.Clock.Advance(TimeSpan.FromSeconds(1));
        body.GoOn();

        Assert.Equal(repeated.Text("request_id"), (await first.Json()).Text("request_id"));
        await proxy.Until(() => proxy.SubmitsOf(order) == 1);
    }

    [Fact]
    public async Task A_submit_that_nobody_names_is_another_after_two_minutes()
    {
        using var caller = await proxy.NewFalCaller();
        var order = Given.Order();
        var first = (await caller.Submit(order)).Text("request_id");

        proxy.Clock.Advance(TimeSpan.FromSeconds(119));
        Assert.Equal(first, (await caller.Submit(order)).Text("request_id"));
        await Noted(first, TimeSpan.FromMinutes(2));
        proxy.Clock.Advance(TimeSpan.FromMinutes(2));

        Assert.NotEqual(first, (await caller.Submit(order)).Text("request_id"));
    }

    [Fact]
    public async Task An_idempotency_key_makes_a_second_one()
    {
        using var caller = await proxy.NewFalCaller();
        var order = Given.Order();
        var run = caller.Call(Run, order["input"]);
        await proxy.Until(() => proxy.SubmitsOf(order) == 1);

        var keyed = new[] { "a", "b" }.Select(key => caller.Call(Run, order["input"], ("Idempotency-Key", key))).ToList();
        var submitted = await caller.Submit(order, ("Idempotency-Key", "c"));
        var runs = await proxy.End(Task.WhenAll([run, .. keyed]));

        Assert.Equal(4, runs.Select(Named).Append(submitted.Text("request_id")).Distinct().Count());
        Assert.Equal(4, proxy.SubmitsOf(order));
    }

    [Fact]
    public async Task A_run_is_the_same_while_it_is_in_flight_however_it_comes()
    {
        using var caller = await proxy.NewFalCaller();
        var order = Given.Order();
        var first = caller.Call(Run, order["input"]);
        await proxy.Until(() => proxy.SubmitsOf(order) == 1);

        var again = caller.Call("POST /api/fal/proxy", order["input"], FalCalls.Target($"https://fal.run/{FalCalls.Model}"));
        var submitted = await caller.Submit(order);
        Assert.Equal(202, await caller.Follow("GET", submitted.Text("status_url")).Status()); // names it, which says nothing of who waits for the run
        var third = caller.Call(Run, order["input"]);
        var runs = await proxy.End(Task.WhenAll(first, again, third));

        Assert.Equal([submitted.Text("request_id")], runs.Select(Named).Distinct());
        Assert.Equal(1, proxy.SubmitsOf(order));
    }

    [Fact]
    public async Task A_run_takes_over_a_submit_that_nobody_has_named()
    {
        using var caller = await proxy.NewFalCaller();
        var order = Given.Order();
        var submitted = await caller.Submit(order);
        var run = caller.Call(Run, order["input"]);
        await proxy.Until(async () => await Row(submitted.Text("request_id"), row => row.GetInt64(1)) == 1);

        Assert.Equal(202, await caller.Follow("GET", submitted.Text("status_url")).Status());
        var again = caller.Call(Run, order["input"]);
        var runs = await proxy.End(Task.WhenAll(run, again));

        Assert.Equal([submitted.Text("request_id")], runs.Select(Named).Distinct());
        Assert.Equal(1, proxy.SubmitsOf(order));
    }

    [Fact]
    public async Task A_run_whose_caller_has_gone_is_the_same_as_long_as_it_takes()
    {
        using var caller = await proxy.NewFalCaller();
        var order = Given.OrderThat("stalls");
        await Abandon(caller, order);
        var id = await OnlyJob(caller);

        proxy.Clock.Advance(TimeSpan.FromMinutes(50)); // its queue is long
        await caller.Create(Given.Order()); // whoever comes by cleans up
        var again = await caller.Submit(order);

        Assert.Equal(id, again.Text("request_id"));
        Assert.Equal(1, proxy.SubmitsOf(order));
    }

    [Theory]
    [InlineData(1, 10)]
    [InlineData(3, 10)]
    [InlineData(4, 40)] // Python's client pauses up to half a minute by then
    public async Task A_run_is_the_same_for_ten_seconds_after_it_and_longer_after_many_attempts(int attempts, int seconds)
    {
        foreach (var isOver in new[] { false, true })
        {
            using var caller = await proxy.NewFalCaller();
            var order = Given.Order();
            var runs = Enumerable.Range(0, attempts).Select(_ => caller.Call(Run, order["input"])).ToList();
            await proxy.Until(() => proxy.SubmitsOf(order) == 1);
            var id = await OnlyJob(caller);
            await proxy.Until(() => proxy.Services.GetRequiredService<UnacknowledgedCreates>().Held(new JobId(id)) == attempts);

            await proxy.EndUnseen(id); // then the clock stands: a machine that writes answers slowly is not to turn it meanwhile
            Assert.All(await Task.WhenAll(runs).Within("the runs were answered", proxy.Stand), run => Assert.Equal(id, Named(run)));
            var until = await Noted(id, TimeSpan.FromSeconds(seconds));
            proxy.Clock.SetUtcNow(isOver ? until + Turned : until - TimeSpan.FromMilliseconds(1));
            var again = caller.Call(Run, order["input"]);
            using var next = await (isOver ? proxy.End(again) : again); // what is there already needs no turn

            Assert.Equal((!isOver, isOver ? 2 : 1), (id == Named(next), proxy.SubmitsOf(order)));
        }
    }

    [Fact]
    public async Task A_run_that_ended_while_nobody_was_there_is_told_to_who_asks_again()
    {
        using var caller = await proxy.NewFalCaller();
        var order = Given.Order();
        await Abandon(caller, order);
        var id = await OnlyJob(caller);
        var ended = (await proxy.End(caller, id)).GetProperty("ended_at").GetDateTimeOffset();

        proxy.Clock.SetUtcNow(ended.AddSeconds(119));
        using var again = await caller.Call(Run, order["input"]);

        Assert.Equal((200, id), ((int)again.StatusCode, Named(again)));
    }

    [Theory]
    [InlineData(Run)]
    [InlineData(Submit)]
    public async Task What_ended_without_a_video_may_be_tried_anew(string call)
    {
        using var caller = await proxy.NewFalCaller();
        var order = Given.OrderThat("completes-then-422");
        using var first = await proxy.End(caller.Call(call, order["input"]));
        Assert.Equal("failed", (await proxy.End(caller, Named(first))).Text("status"));

        using var second = await proxy.End(caller.Call(call, order["input"]));

        Assert.NotEqual(Named(first), Named(second));
    }

    private async Task Abandon(HttpClient caller, JsonNode order)
    {
        using var gone = new CancellationTokenSource();
        using var request = new HttpRequestMessage(HttpMethod.Post, Run.Split(' ')[1]) { Content = new StringContent(order["input"]!.ToJsonString(), Encoding.UTF8, "application/json") };
        var run = caller.SendAsync(request, gone.Token);
        await proxy.Until(() => proxy.SubmitsOf(order) == 1);
        await gone.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => run);
        var id = await OnlyJob(caller);
        await proxy.Until(() => proxy.Services.GetRequiredService<UnacknowledgedCreates>().Held(new JobId(id)) == 0);
    }

    private static string Named(HttpResponseMessage reply) => Assert.Single(reply.Headers.GetValues("x-fal-request-id"));

    private static async Task<string> OnlyJob(HttpClient caller) =>
        Assert.Single((await caller.Call("GET /v1/jobs").Json()).GetProperty("data").EnumerateArray()).Text("id");

    /// <summary>By so much the clock may have turned while answers were written, the first of several and the last.</summary>
    private static readonly TimeSpan Turned = TimeSpan.FromSeconds(8);

    // That an answer was written is noted a moment after it: from then on so long.
    private async Task<DateTimeOffset> Noted(string jobId, TimeSpan grace)
    {
        var until = default(DateTimeOffset);
        await proxy.Until(async () =>
        {
            until = await Row(jobId, row => row.Time(0));
            return grace - (until - proxy.Clock.GetUtcNow()) is var turned && turned >= TimeSpan.Zero && turned < Turned;
        });
        return until;
    }

    private Task<T> Row<T>(string jobId, Func<DbDataReader, T> read) => proxy.Services.GetRequiredService<ISqlDatabase>().Read(async sql =>
        (await sql.Query("SELECT until, until_end FROM unanswered WHERE job_id = @id", read, ("@id", jobId))).Single());

    /// <summary>A body that comes only when the service asks for it, and then only when a test says so.</summary>
    private sealed class SlowBody(string text) : HttpContent
    {
        private readonly TaskCompletionSource begun = new(TaskCreationOptions.RunContinuationsAsynchronously), goOn = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task Begun => begun.Task;

        public void GoOn() => goOn.TrySetResult();

        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            begun.TrySetResult();
            await goOn.Task.WaitAsync(TestContext.Current.CancellationToken);
            await stream.WriteAsync(Encoding.UTF8.GetBytes(text));
        }

        protected override bool TryComputeLength(out long length) => (length = Encoding.UTF8.GetByteCount(text)) > 0;
    }
}
