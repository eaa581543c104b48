using System.Text.Json.Nodes;

namespace KlingProxy.Sandbox.Tests;

public sealed class FaultTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public void Every_fault_has_one_name_made_of_its_own_words()
    {
        Assert.Equal(Enum.GetValues<SandboxFault>().Order(), SandboxFaults.ByName.Values.Order());
        Assert.All(SandboxFaults.ByName, named => Assert.Equal(
            named.Value.ToString(), named.Key.Replace("-", "", StringComparison.Ordinal), ignoreCase: true));
    }

    [Theory]
    [InlineData("sandbox:rejects", "rejects")]
    [InlineData("A gate, sandbox:result-504-thrice, at dusk.", "result-504-thrice")]
    [InlineData("(SANDBOX:Loses-Reply)", "Loses-Reply")]
    [InlineData("ends with sandbox:delivers-50-", "delivers-50")]
    [InlineData("A sandbox: children play.", null)]
    [InlineData("no fault", null)]
    public void Is_found_anywhere_in_a_prompt(string prompt, string? name) => Assert.Equal(name, SandboxFaults.NameIn([prompt]));

    // fault, status, part of the body
    public static TheoryData<string, int, string> Refusals => new()
    {
        { "rejects",       422, "\"loc\":[\"body\",\"prompt\"]" },
        { "empty-balance", 403, "User is locked. Reason: Exhausted balance." },
        { "rate-limited",  429, "Too many requests" },
        { "html-502",      502, "<center>nginx</center>" },
        { "no-such-fault", 422, "knows no fault 'no-such-fault'" },
    };

    [Theory, MemberData(nameof(Refusals))]
    public async Task Refuses_at_submit_and_queues_nothing(string fault, int status, string part)
    {
        await using var twin = await Twin.Start();

        using var response = await twin.Post(Given.Asking(fault));

        Assert.Equal(status, (int)response.StatusCode);
        Assert.Contains(part, await response.Content.ReadAsStringAsync(Cancel), StringComparison.Ordinal);
        Assert.Equal(status == 422, Twin.Header(response, "x-fal-request-id") is not null);
        Assert.Empty(twin.Fal.Jobs);
    }

    [Theory]
    [InlineData("bills-more", "8", 8)]
    [InlineData("bills-a-frame-more", "5.01", 5.01)]
    [InlineData("bills-nonsense", "NaN", 5)]
    public async Task Bills_what_nobody_ordered(string fault, string header, double units)
    {
        await using var twin = await Twin.Start();
        using var submitted = await twin.Post(Given.Asking(fault));
        var requestId = twin.Fal.Jobs.Single().RequestId;
        twin.Clock.Advance(TimeSpan.FromSeconds(240));

        using var result = await twin.Result(requestId);

        Assert.Equal(header, Twin.Header(result, "x-fal-billable-units"));
        Assert.Equal(new SandboxBill((decimal)units, (decimal)units * 0.42m), twin.Fal.BilledFor(requestId));
    }

    [Fact]
    public async Task Loses_the_reply_of_a_job_that_exists()
    {
        await using var twin = await Twin.Start();

        await Assert.ThrowsAsync<HttpRequestException>(() => twin.Post(Given.Asking("loses-reply")));

        var job = Assert.Single(twin.Fal.Jobs);
        twin.Clock.Advance(TimeSpan.FromSeconds(240));
        Assert.Equal("COMPLETED", (string?)(await twin.StatusOf(job.RequestId))["status"]);
        Assert.Equal(2.10m, twin.Fal.BilledFor(job.RequestId).Amount);
    }

    [Fact]
    public async Task Holds_the_reply_for_a_minute()
    {
        await using var twin = await Twin.Start(options => options with { Clock = new AcceleratedTime(10_000) });
        using var response = await twin.Post(Given.Asking("holds-reply"));

        Assert.Equal(200, (int)response.StatusCode);
        Assert.NotEqual("IN_QUEUE", Assert.Single(twin.Fal.Jobs).Status); // it left the queue after 20 s
    }

    [Fact]
    public async Task Stalls_until_cancelled()
    {
        await using var twin = await Twin.Start();
        var id = await twin.Submit(Given.Asking("stalls"));
        twin.Clock.Advance(TimeSpan.FromDays(1));

        Assert.Equal("IN_QUEUE", (string?)(await twin.StatusOf(id))["status"]);
        using var cancelled = await twin.CancelJob(id);
        Assert.Equal("COMPLETED", (string?)(await twin.StatusOf(id))["status"]);
    }

    [Fact]
    public async Task Regresses_into_the_queue_and_comes_back()
    {
        await using var twin = await Twin.Start();
        var id = await twin.Submit(Given.Asking("regresses"));
        var seen = new List<string?>();

        foreach (var step in (int[])[20, 80, 80, 60])
        {
            twin.Clock.Advance(TimeSpan.FromSeconds(step));
            seen.Add((string?)(await twin.StatusOf(id))["status"]);
        }

        Assert.Equal(["IN_PROGRESS", "IN_QUEUE", "IN_PROGRESS", "COMPLETED"], seen);
    }

    [Fact]
    public async Task Completes_then_the_result_is_422()
    {
        await using var twin = await Twin.Start();
        var id = await twin.Complete(Given.Asking("completes-then-422"));

        var status = await twin.StatusOf(id);
        using var result = await twin.Result(id);

        Assert.Equal("COMPLETED", (string?)status["status"]);
        Assert.False(status.ContainsKey("error"));
        Assert.Equal(422, (int)result.StatusCode);
        var refusal = (await Twin.Json(result))["detail"]![0]!;
        Assert.Equal(("content_policy_violation", "model_moderated"), ((string?)refusal["type"], (string?)refusal["categories"]![0]));
        Assert.Equal(SandboxBill.Nothing, twin.Fal.BilledFor(id));
    }

    [Fact]
    public async Task The_result_is_html_504_thrice_and_then_the_video()
    {
        await using var twin = await Twin.Start();
        var id = await twin.Submit(Given.Asking("result-504-thrice"));
        using var early = await twin.Result(id);
        twin.Clock.Advance(TimeSpan.FromSeconds(240));
        var seen = new List<string>();

        for (var call = 0; call < 5; call++)
        {
            using var response = await twin.Result(id);
            seen.Add($"{(int)response.StatusCode} {response.Content.Headers.ContentType!.MediaType}");
        }

        Assert.Equal(400, (int)early.StatusCode);
        Assert.Equal(["504 text/html", "504 text/html", "504 text/html", "200 application/json", "200 application/json"], seen);
    }

    [Fact]
    public async Task Loses_the_webhook()
    {
        await using var receiver = await new Receiver().Listen();
        await using var twin = await Twin.Start();
        var id = await twin.Complete(Given.Asking("loses-webhook"), receiver.Url);

        await twin.Fal.Settled(id, Cancel);

        Assert.Empty(receiver.Waiting());
        Assert.Empty(twin.Fal.Deliveries);
    }

    [Fact]
    public async Task Delivers_the_same_fifty_times()
    {
        await using var receiver = await new Receiver().Listen();
        await using var twin = await Twin.Start();
        var id = await twin.Complete(Given.Asking("delivers-50"), receiver.Url);

        await twin.Fal.Settled(id, Cancel);

        var deliveries = receiver.Waiting();
        Assert.Equal(50, deliveries.Count);
        Assert.Single(deliveries.Select(delivery => Convert.ToBase64String(delivery.Body)).Distinct());
    }

    [Fact]
    public async Task Delivers_before_the_reply_and_needs_no_clock()
    {
        await using var twin = await Twin.Start();
        var jobsSeen = 0;
        await using var receiver = await new Receiver
        {
            Answer = async (_, _) =>
            {
                var id = Assert.Single(twin.Fal.Jobs).RequestId;
                using var result = await twin.Result(id);
                if (result.IsSuccessStatusCode) jobsSeen++;
            },
        }.Listen();

        var id = await twin.Submit(Given.Asking("delivers-before-reply"), receiver.Url);

        Assert.Equal(1, jobsSeen);
        Assert.Equal(id, (await receiver.Next()).Headers["X-Fal-Webhook-Request-Id"]);
    }

    [Fact]
    public async Task Delivers_before_the_reply_without_a_webhook_completes_at_once()
    {
        await using var twin = await Twin.Start();

        var id = await twin.Submit(Given.Asking("delivers-before-reply"));

        Assert.Equal("COMPLETED", (string?)(await twin.StatusOf(id))["status"]);
    }

    [Fact]
    public async Task Payload_null_says_so_while_the_result_has_the_video()
    {
        await using var receiver = await new Receiver().Listen();
        await using var twin = await Twin.Start();
        var id = await twin.Complete(Given.Asking("payload-null"), receiver.Url);

        var body = JsonNode.Parse((await receiver.Next()).Body)!.AsObject();

        Assert.Equal("OK", (string?)body["status"]);
        Assert.True(body.ContainsKey("payload"));
        Assert.Null(body["payload"]);
        Assert.StartsWith("Response payload is not JSON serializable", (string?)body["payload_error"], StringComparison.Ordinal);
        Assert.NotNull(await twin.VideoOf(id));
    }

    [Fact]
    public async Task A_shot_can_ask_too()
    {
        await using var twin = await Twin.Start();
        var input = Given.Shots(null, "3", "4");
        input["multi_prompt"]![1]!["prompt"] = "then sandbox:rejects";

        using var response = await twin.Post(input);

        Assert.Equal(422, (int)response.StatusCode);
    }

    [Fact]
    public async Task One_can_be_set_for_all_and_a_prompt_wins()
    {
        await using var twin = await Twin.Start();
        twin.Fal.Fault = SandboxFault.RateLimited;

        using var all = await twin.Post(Given.Input());
        using var own = await twin.Post(Given.Asking("empty-balance"));
        twin.Fal.Fault = null;
        using var none = await twin.Post(Given.Input());

        Assert.Equal((429, 403, 200), ((int)all.StatusCode, (int)own.StatusCode, (int)none.StatusCode));
    }

    [Fact]
    public async Task Where_faults_pass_a_stalled_job_ends_by_itself_and_others_go_on_after_a_while()
    {
        await using var twin = await Twin.Start(options => options with { FaultsPass = true });

        var stalled = await twin.Submit(Given.Asking("stalls"));
        var throttled = new List<int>();
        for (var attempt = 0; attempt < 3; attempt++)
        {
            using var answer = await twin.Post(Given.Asking("rate-limited"), "?fal_webhook=http%3A%2F%2Fa.example%2F1");
            throttled.Add((int)answer.StatusCode);
        }
        using var other = await twin.Post(Given.Asking("rate-limited"), "?fal_webhook=http%3A%2F%2Fa.example%2F2"); // another job has its own
        using var broken = await twin.Post(Given.Asking("html-502"));
        twin.Clock.Advance(TimeSpan.FromMinutes(10));

        Assert.Equal([429, 429, 200], throttled);
        Assert.Equal((429, 502), ((int)other.StatusCode, (int)broken.StatusCode));
        Assert.Equal(3, twin.Fal.Jobs.Count);
        Assert.All(twin.Fal.Jobs, job => Assert.Equal("COMPLETED", job.Status));
        Assert.Equal(SandboxBill.Nothing, twin.Fal.BilledFor(stalled));
    }

    [Fact]
    public async Task Where_faults_pass_one_that_is_set_for_all_stays()
    {
        await using var twin = await Twin.Start(options => options with { FaultsPass = true });
        twin.Fal.Fault = SandboxFault.RateLimited;

        for (var attempt = 0; attempt < 4; attempt++)
        {
            using var answer = await twin.Post(Given.Input());
            Assert.Equal(429, (int)answer.StatusCode);
        }
    }

    [Theory]
    [InlineData("https://kling.example.com/")]
    [InlineData("https://kling.example.com/proxy")]
    public async Task Films_have_addresses_where_others_reach_them(string elsewhere)
    {
        await using var twin = await Twin.Start(options => options with { FilmsUrl = new Uri(elsewhere) });

        var url = await twin.VideoOf(await twin.Complete());

        Assert.StartsWith($"{elsewhere.TrimEnd('/')}/files/b/", url.AbsoluteUri, StringComparison.Ordinal);
        using var here = await twin.Http.GetAsync(url.AbsoluteUri[elsewhere.TrimEnd('/').Length..], Cancel);
        Assert.Equal(200, (int)here.StatusCode);
    }
}
