using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

using KlingProxy.Ids;
using KlingProxy.Jobs;
using KlingProxy.Tests.Fixtures;

using Microsoft.Extensions.DependencyInjection;

namespace KlingProxy.Tests.FalCompat;

/// <summary>The layout of fal's addresses below ours, as clients use it that follow what they are told: Python's, and cURL.</summary>
public sealed class PlainLayoutTests(ProxyFixture proxy) : IClassFixture<ProxyFixture>
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Leads_from_the_submit_to_the_video_by_its_own_addresses()
    {
        using var caller = await proxy.NewFalCaller();
        var order = Given.Order();

        var submitted = await caller.Submit(order);
        Assert.Equal("IN_QUEUE", submitted.Text("status"));
        Assert.Matches("^job_[0-9a-f]{32}$", submitted.Text("request_id"));
        Assert.Equal($"{proxy.Address}fal/queue/{FalCalls.App}/requests/{submitted.Text("request_id")}", submitted.Text("response_url").Split('?')[0]);

        using (var waiting = await caller.Follow("GET", submitted.Text("status_url")))
        {
            var status = await waiting.Json();
            Assert.Equal((202, "IN_QUEUE"), ((int)waiting.StatusCode, status.Text("status")));
            Assert.True(status.GetProperty("queue_position").GetInt64() >= 0);
            Assert.Equal(submitted.Text("response_url"), status.Text("response_url"));
        }
        Assert.Equal("Request is still in progress", (await caller.Follow("GET", submitted.Text("response_url")).RefusedByFal(400)).Text("detail"));

        await proxy.End(caller, submitted.Text("request_id"));
        using (var done = await caller.Follow("GET", $"{submitted.Text("status_url")}&logs=true"))
        {
            var status = await done.Json();
            Assert.Equal((200, "COMPLETED"), ((int)done.StatusCode, status.Text("status")));
            Assert.Equal(JsonValueKind.Array, status.GetProperty("logs").ValueKind);
            Assert.Equal(JsonValueKind.Object, status.GetProperty("metrics").ValueKind);
            Assert.False(status.TryGetProperty("error", out _));
        }
        Assert.Equal(JsonValueKind.Null, (await caller.Follow("GET", submitted.Text("status_url")).Json()).GetProperty("logs").ValueKind);

        using var result = await caller.Follow("GET", submitted.Text("response_url"));
        Assert.Equal(200, (int)result.StatusCode);
        Assert.Equal("video/mp4", (await result.Json()).GetProperty("video").Text("content_type"));
        Assert.Equal("5", Assert.Single(result.Headers.GetValues("x-fal-billable-units")));
        Assert.Equal(submitted.Text("request_id"), Assert.Single(result.Headers.GetValues("x-fal-request-id")));
        Assert.Equal(1, proxy.SubmitsOf(order));
    }

    [Fact]
    public async Task Is_the_same_request_until_it_is_named()
    {
        using var caller = await proxy.NewFalCaller();
        var order = Given.Order();

        var first = await caller.Submit(order);
        using var again = await caller.Call($"POST /fal/queue/{FalCalls.Model}", order["input"]!.DeepClone()); // the answer was lost on its way
        Assert.Equal((first.Text("request_id"), "true"), ((await again.Json()).Text("request_id"), Assert.Single(again.Headers.GetValues("Idempotent-Replayed"))));
        Assert.Equal(202, await caller.Follow("GET", first.Text("status_url")).Status());
        var second = await caller.Submit(order);

        Assert.NotEqual(first.Text("request_id"), second.Text("request_id"));
        Assert.Equal(2, proxy.SubmitsOf(order));
    }

    [Fact]
    public async Task Is_the_same_job_through_either_door()
    {
        using var caller = await proxy.NewFalCaller();
        var order = Given.Order();
        order["model"] = FalCalls.Model;

        var submitted = await caller.Submit(order, ("Idempotency-Key", "through-both-doors"));
        var job = await caller.Call("POST /v1/jobs", order, ("Idempotency-Key", "through-both-doors")).Json();
        var again = await caller.Submit(order, ("Idempotency-Key", "through-both-doors"));

        Assert.Equal((submitted.Text("request_id"), submitted.Text("request_id")), (job.Text("id"), again.Text("request_id")));
        Assert.Equal(1, proxy.SubmitsOf(order));
        await caller.Call($"POST /fal/queue/{FalCalls.Model}", Given.Order()["input"], ("Idempotency-Key", "through-both-doors")).RefusedByFal(422, "idempotency-key-reused");
    }

    [Fact]
    public async Task Honours_priority_start_deadline_and_lifetime_and_names_what_it_drops()
    {
        using var caller = await proxy.NewFalCaller();
        var order = Given.Order();

        using var reply = await caller.Call($"POST /fal/queue/{FalCalls.Model}?fal_max_queue_length=3", order["input"],
            ("x-fal-queue-priority", "low"), ("x-fal-request-timeout", "90000"), ("x-fal-request-start-timeout", "12.5"),
            ("x-fal-object-lifecycle-preference", """{"expiration_duration_seconds":86400}"""),
            ("x-fal-runner-hint", "dropped"), ("x-fal-tags", "dropped=1"), ("x-fal-no-retry", "1"), ("x-fal-store-io", "0"), ("Cookie", "dropped=1"));

        Assert.Equal("fal_max_queue_length, x-fal-no-retry, x-fal-runner-hint, x-fal-store-io, x-fal-tags", Assert.Single(reply.Headers.GetValues("X-KlingProxy-Ignored")));

        var sent = Assert.Single(proxy.Fal.Received, call => call.Operation == Sandbox.SandboxOperation.Submit && Encoding.UTF8.GetString(call.BodyStart.Span).Contains(order["input"]!["prompt"]!.GetValue<string>(), StringComparison.Ordinal));
        Assert.Equal(["x-fal-object-lifecycle-preference", "x-fal-queue-priority", "x-fal-request-start-timeout", "x-fal-request-timeout"], sent.Headers.Keys.Select(name => name.ToLowerInvariant()).Where(name => name.StartsWith("x-fal-", StringComparison.Ordinal)).Order());
        Assert.Equal(("low", "12.5", """{"expiration_duration_seconds":86400}"""), (sent.Headers["x-fal-queue-priority"], sent.Headers["x-fal-request-start-timeout"], sent.Headers["x-fal-object-lifecycle-preference"]));
        Assert.Equal($"Key {ProxyFixture.CanaryKey}", sent.Headers["Authorization"]);
        Assert.DoesNotContain("dropped", string.Concat(sent.Headers.Values), StringComparison.Ordinal);
        Assert.Null(proxy.AtFal(order).Webhook);
    }

    [Fact]
    public async Task Waits_for_a_runner_no_longer_than_the_operator_allows()
    {
        using var caller = await proxy.NewFalCaller();
        var order = Given.Order();

        await caller.Submit(order, ("x-fal-request-timeout", "80000"), ("x-fal-queue-priority", "normal"));

        var sent = Assert.Single(proxy.Fal.Received, call => Encoding.UTF8.GetString(call.BodyStart.Span).Contains(order["input"]!["prompt"]!.GetValue<string>(), StringComparison.Ordinal));
        Assert.Equal("3600", sent.Headers["x-fal-request-timeout"]);
        Assert.False(sent.Headers.ContainsKey("x-fal-queue-priority"));
    }

    [Theory]
    [InlineData("x-fal-request-timeout", "soon")]
    [InlineData("x-fal-request-timeout", "-5")]
    [InlineData("x-fal-request-timeout", "1e9")]
    [InlineData("x-fal-request-start-timeout", "0.1")]
    [InlineData("x-fal-request-start-timeout", "NaN")]
    [InlineData("x-fal-object-lifecycle-preference", "8d")]
    [InlineData("x-fal-object-lifecycle-preference", "[]")]
    [InlineData("x-fal-object-lifecycle-preference", """{"expiration_duration_seconds":-1}""")]
    [InlineData("x-fal-object-lifecycle-preference", """{"\ud800":1}""")] // no text, and nothing that breaks us
    [InlineData("x-fal-object-lifecycle-preference", """{"expiration_duration_seconds":86400,"initial_acl":{"default":"hide"}}""")]
    public async Task Refuses_terms_that_it_cannot_honour_and_spends_nothing(string header, string value)
    {
        using var caller = await proxy.NewFalCaller();
        var order = Given.Order();

        var error = await caller.Call($"POST /fal/queue/{FalCalls.Model}", order["input"], (header, value)).RefusedByFal(400, "fal-invalid-terms");

        Assert.Contains(header.StartsWith("x-fal-request", StringComparison.Ordinal) ? header : "expiration_duration_seconds", $"{error.Text("message")} expiration_duration_seconds", StringComparison.Ordinal);
        Assert.Equal(0, proxy.SubmitsOf(order));
    }

    [Theory]
    [InlineData("https://hooks.example.com/done")]
    [InlineData("https://optional.webhook.url.example.com/")]
    public async Task Refuses_to_be_waited_for_by_somebody_whom_nobody_calls(string webhook)
    {
        using var caller = await proxy.NewFalCaller();
        var order = Given.Order();

        foreach (var (call, header) in new[]
        {
            ($"POST /fal/queue/{FalCalls.Model}?fal_webhook={Uri.EscapeDataString(webhook)}", FalCalls.Target("ignored")),
            ("POST /api/fal/proxy", FalCalls.Target($"{FalCalls.QueueTarget}?fal_webhook={Uri.EscapeDataString(webhook)}")),
            ($"POST /fal/run/{FalCalls.Model}?fal_webhook={webhook}", FalCalls.Target("ignored")), // unescaped, as by hand
            ("POST /api/fal/proxy", FalCalls.Target($"https://fal.run/{FalCalls.Model}?fal_webhook={Uri.EscapeDataString(webhook)}")),
        })
        {
            var error = await caller.Call(call, order["input"], header).RefusedByFal(400, "fal-webhook-refused");
            Assert.Contains("follow the request", error.Text("message"), StringComparison.Ordinal); // what to do
        }
        Assert.Equal(0, proxy.SubmitsOf(order));
    }

    [Theory]
    [InlineData("?fal_webhook=")]
    [InlineData("?")]
    public async Task Takes_an_empty_parameter_for_none(string query)
    {
        using var caller = await proxy.NewFalCaller();
        var order = Given.Order();

        using var reply = await caller.Call($"POST /fal/queue/{FalCalls.Model}{query}", order["input"]);
        using var result = await caller.Call($"GET /fal/queue/{FalCalls.App}/requests/{(await reply.Json()).Text("request_id")}?logs=1");

        Assert.Equal((200, false, 1), ((int)reply.StatusCode, reply.Headers.Contains("X-KlingProxy-Ignored"), proxy.SubmitsOf(order)));
        Assert.NotEqual("fal-invalid-terms", (await result.Json()).TryGetProperty("code", out var code) ? code.GetString() : null);
    }

    [Fact]
    public async Task Takes_the_place_holder_of_fals_documents_for_what_it_is()
    {
        using var caller = await proxy.NewFalCaller();
        var order = Given.Order();

        using var reply = await caller.Call($"POST /fal/queue/{FalCalls.Model}?fal_webhook=https%3A%2F%2Foptional.webhook.url%2Ffor%2Fresults", order["input"]);

        Assert.Equal((200, "fal_webhook"), ((int)reply.StatusCode, Assert.Single(reply.Headers.GetValues("X-KlingProxy-Ignored"))));
        Assert.Null(proxy.AtFal(order).Webhook);
    }

    [Theory]
    [InlineData("x-fal-request-timeout", "1", "1")]
    [InlineData("x-fal-request-timeout", "30.0", "30")]
    [InlineData("x-fal-request-start-timeout", "9.5", "9.5")] // long enough to leave within it
    public async Task Takes_every_start_deadline_that_fal_takes(string header, string value, string sent)
    {
        using var caller = await proxy.NewFalCaller();
        var order = Given.Order();

        using var reply = await caller.Call($"POST /fal/queue/{FalCalls.Model}", order["input"], (header, value));

        Assert.Equal(200, (int)reply.StatusCode);
        Assert.Equal(sent, Assert.Single(proxy.Fal.Received, call => Encoding.UTF8.GetString(call.BodyStart.Span).Contains(order["input"]!["prompt"]!.GetValue<string>(), StringComparison.Ordinal)).Headers["x-fal-request-timeout"]);
    }

    [Fact]
    public async Task Refuses_a_queue_length_that_is_no_number()
    {
        using var caller = await proxy.NewFalCaller();

        await caller.Call($"POST /fal/queue/{FalCalls.Model}?fal_max_queue_length=few", Given.Order()["input"]).RefusedByFal(400, "fal-invalid-terms");
    }

    [Fact]
    public async Task Finds_a_request_by_the_whole_model_too()
    {
        using var caller = await proxy.NewFalCaller();
        var id = (await caller.Submit(Given.Order())).Text("request_id");
        var whole = $"/fal/queue/{FalCalls.Model}/requests/{id}";

        Assert.Equal("Request is still in progress", (await caller.Call($"GET {whole}/response").RefusedByFal(400)).Text("detail"));
        Assert.Equal("IN_QUEUE", (await caller.Call($"GET {whole}/status?logs=True").Json()).Text("status"));
        Assert.Equal(202, await caller.Call("GET /api/fal/proxy", null, FalCalls.Target($"{FalCalls.QueueTarget}/requests/{id}/status")).Status());
        Assert.Equal(200, await caller.Call($"PUT {whole}/cancel").Status());
        await proxy.End(caller, id);
        await caller.Call($"GET {whole}").RefusedByFal(499);
    }

    [Theory]
    [InlineData("POST", "https://rest.fal.ai/storage/auth/token?storage_type=fal-cdn-v3")]
    [InlineData("POST", "https://rest.alpha.fal.ai/storage/auth/token")]
    [InlineData("POST", "https://rest.fal.ai/tokens/")]
    [InlineData("POST", "https://v3.fal.media/files/upload")]
    [InlineData("PUT", "https://v3b.fal.media/files/upload/multipart/x/1")]
    public async Task Gives_no_token_and_says_what_to_call_instead(string verb, string target)
    {
        using var caller = await proxy.NewFalCaller();

        var error = await caller.Call($"{verb} /api/fal/proxy", new JsonObject(), FalCalls.Target(target)).RefusedByFal(400, "fal-target-refused");

        foreach (var way in new[] { "storage/upload/initiate", "POST /v1/uploads", "data:" })
            Assert.Contains(way, error.Text("message"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Never_asks_for_a_second_submit_when_the_first_may_have_arrived()
    {
        using var caller = await proxy.NewFalCaller();
        var order = Given.OrderThat("loses-reply");

        var submitted = await caller.Submit(order);
        var status = await caller.Follow("GET", submitted.Text("status_url")).Json();

        Assert.Equal(("IN_QUEUE", 0), (status.Text("status"), status.GetProperty("queue_position").GetInt32()));
        Assert.Equal(1, proxy.SubmitsOf(order));
    }

    [Fact]
    public async Task Cancels_in_fals_words()
    {
        using var caller = await proxy.NewFalCaller();
        var queued = await caller.Submit(Given.OrderThat("stalls"));

        using var dropped = await caller.Follow("PUT", queued.Text("cancel_url"));
        Assert.Equal((200, "OK"), ((int)dropped.StatusCode, (await dropped.Json()).Text("status")));
        await proxy.End(caller, queued.Text("request_id"));
        Assert.Equal("ALREADY_COMPLETED", (await caller.Follow("PUT", queued.Text("cancel_url")).RefusedByFal(400)).Text("status"));

        var status = await caller.Follow("GET", queued.Text("status_url")).Json();
        Assert.Equal(("COMPLETED", "client_cancelled"), (status.Text("status"), status.Text("error_type")));
        Assert.Equal("client_cancelled", (await caller.Follow("GET", queued.Text("response_url")).RefusedByFal(499)).Text("error_type"));
    }

    [Fact]
    public async Task Asks_a_running_job_to_stop()
    {
        using var caller = await proxy.NewFalCaller();
        var submitted = await caller.Submit(Given.Order());
        proxy.FalClock.Advance(TimeSpan.FromSeconds(30));

        using var asked = await caller.Follow("PUT", submitted.Text("cancel_url"));

        Assert.Equal((202, "CANCELLATION_REQUESTED"), ((int)asked.StatusCode, (await asked.Json()).Text("status")));
    }

    [Fact]
    public async Task Knows_nothing_of_other_callers_requests()
    {
        using var alice = await proxy.NewFalCaller();
        using var bob = await proxy.NewFalCaller();
        var submitted = await alice.Submit(Given.OrderThat("stalls"));
        var foreign = new Uri(submitted.Text("response_url")).AbsolutePath;
        var missing = foreign[..^32] + new string('0', 32);

        foreach (var (verb, below) in new[] { ("GET", ""), ("GET", "/status"), ("GET", "/status/stream"), ("PUT", "/cancel") })
        {
            using var one = await bob.Call($"{verb} {foreign}{below}");
            using var other = await bob.Call($"{verb} {missing}{below}");
            var words = await one.Content.ReadAsStringAsync(Cancel);
            Assert.Equal((404, "NOT_FOUND"), ((int)one.StatusCode, JsonElement.Parse(words).Text("status")));
            Assert.Equal(words, await other.Content.ReadAsStringAsync(Cancel));
        }
    }

    [Fact]
    public async Task Keeps_the_logs_for_whoever_comes_later()
    {
        using var caller = await proxy.NewFalCaller();
        var submitted = await caller.Submit(Given.Order());
        await caller.Follow("GET", submitted.Text("status_url")).Status();
        await proxy.End(caller, submitted.Text("request_id"));

        var stored = await proxy.Services.GetRequiredService<IJobStore>().Find(new JobId(submitted.Text("request_id")), Cancel);
        var status = await caller.Follow("GET", $"{submitted.Text("status_url")}&logs=1").Json();

        Assert.Equal(["Sandbox: generation started", "Sandbox: 50%", "Sandbox: done"], status.GetProperty("logs").EnumerateArray().Select(line => line.Text("message")));
        Assert.Equal(3, stored!.Logs!.Count);
    }

    [Fact]
    public async Task Says_what_is_wrong_in_fals_form_and_spends_nothing()
    {
        using var caller = await proxy.NewFalCaller();

        var error = await caller.Call($"POST /fal/queue/{FalCalls.Model}", new JsonObject { ["input"] = Given.Order()["input"]!.DeepClone() }).RefusedByFal(422, "invalid-input");

        Assert.Contains(error.GetProperty("detail").EnumerateArray(), field => field.GetProperty("loc")[1].GetString() == "image_url" && field.Text("type") == "missing");
        await caller.Call($"POST /fal/queue/{FalCalls.Model}", new JsonArray()).RefusedByFal(400, "malformed");
        await caller.Call($"POST /fal/queue/{FalCalls.Model}").RefusedByFal(415, "unsupported-media-type");
    }
}
