using KlingProxy.Jobs;
using KlingProxy.Sandbox;
using KlingProxy.Tests.Fal;
using KlingProxy.Tests.FalWebhooks;
using KlingProxy.Tests.Fixtures;

using Microsoft.Extensions.Time.Testing;

namespace KlingProxy.Tests.Faults.Upstream;

/// <summary>Webhooks that come too often, too early, empty, from somebody else, or never.</summary>
public sealed class DeliveryFaultTests(PublicFixture proxy) : IClassFixture<PublicFixture>
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task X14_fifty_deliveries_are_one_end_and_one_settlement()
    {
        using var caller = await proxy.NewCaller();
        var order = Given.OrderThat("delivers-50");
        var id = (await caller.Create(order)).Text("id");
        var requestId = proxy.AtFal(order).RequestId;

        proxy.LetJobsEnd();
        await proxy.Until(() => proxy.Fal.Deliveries.Count(delivery => delivery.RequestId == requestId) == 50);
        var events = await caller.AllEvents(id);

        Assert.Equal(["submitting", "queued", "finalizing", "completed"], events.Statuses().Distinct());
        Assert.Single(events.Statuses(), status => status == "completed");
        Assert.Equal(Enumerable.Range(1, events.Count).Select(number => (long)number), events.Sequences());
        Assert.All(proxy.Fal.Deliveries.Where(delivery => delivery.RequestId == requestId), delivery => Assert.Equal(200, delivery.Status));
        Assert.Equal((1, 2.10m, LedgerOf.Paid), (proxy.SubmitsOf(order), proxy.AtFal(order).Billed.Amount, LedgerOf.Of(proxy, id)));
    }

    [Fact]
    public async Task X14_a_delivery_may_come_before_the_answer_to_the_submit()
    {
        using var caller = await proxy.NewCaller();
        var order = Given.OrderThat("delivers-before-reply");

        using var reply = await caller.Call("POST /v1/jobs", order);
        var job = await caller.Ended((await reply.Json()).Text("id"));

        Assert.True(reply.IsSuccessStatusCode);
        Assert.Equal(("completed", "2.10", 1), (job.Text("status"), job.Text("cost"), proxy.SubmitsOf(order)));
        Assert.Equal(LedgerOf.Paid, LedgerOf.Of(proxy, job.Text("id")));
    }

    [Fact]
    public async Task X14_a_delivery_binds_a_job_whose_answer_was_lost()
    {
        using var caller = await proxy.NewCaller();
        var order = Given.OrderThat("loses-reply");
        var id = (await caller.Create(order)).Text("id");
        Assert.Equal(JobStatus.Unconfirmed, (await proxy.Stored(id)).Status);

        await proxy.Deliver(proxy.AtFal(order).RequestId);
        var job = await caller.Call($"GET /v1/jobs/{id}").Json();

        Assert.Equal(("completed", "2.10", 1), (job.Text("status"), job.Text("cost"), proxy.SubmitsOf(order)));
        Assert.Equal(["submitting", "unconfirmed", "queued", "finalizing", "completed"], (await caller.AllEvents(id)).Statuses());
        Assert.Equal(LedgerOf.Paid, LedgerOf.Of(proxy, id));
    }

    [Fact]
    public async Task X15_a_null_payload_is_fetched_instead()
    {
        using var caller = await proxy.NewCaller();
        var order = Given.OrderThat("payload-null");
        var id = (await caller.Create(order)).Text("id");

        await proxy.Deliver(proxy.AtFal(order).RequestId);
        var job = await caller.Call($"GET /v1/jobs/{id}").Json();

        Assert.Equal(("completed", "2.10", LedgerOf.Paid), (job.Text("status"), job.Text("cost"), LedgerOf.Of(proxy, id)));
        Assert.NotEqual(System.Text.Json.JsonValueKind.Null, job.GetProperty("video").ValueKind);
        Assert.Equal((1, 1), (proxy.SubmitsOf(order), proxy.Fal.CountsFor(proxy.AtFal(order).RequestId).Results));
        Assert.All(proxy.Fal.Deliveries.Where(delivery => delivery.RequestId == proxy.AtFal(order).RequestId), delivery => Assert.Equal((200, true), (delivery.Status, delivery.IsLast)));
    }

    [Fact]
    public async Task X30_another_accounts_delivery_is_not_believed_once_ours_is_known()
    {
        using var caller = await proxy.NewCaller();
        var (own, foreign) = (Given.Order(), Given.OrderThat("signs-for-another-account"));
        await caller.Create(own);
        await proxy.Deliver(proxy.AtFal(own).RequestId);
        var id = (await caller.Create(foreign)).Text("id");

        await proxy.Deliver(proxy.AtFal(foreign).RequestId);

        Assert.Equal((JobStatus.Queued, LedgerOf.Held), ((await proxy.Stored(id)).Status, LedgerOf.Of(proxy, id)));
        Assert.Equal(401, proxy.Fal.Deliveries.First(delivery => delivery.RequestId == proxy.AtFal(foreign).RequestId).Status);
        Assert.Equal("completed", (await proxy.End(caller, id)).Text("status"));
        Assert.Equal(LedgerOf.Paid, LedgerOf.Of(proxy, id));
    }

    [Theory]
    [InlineData("holds-reply")]
    [InlineData("loses-reply")]
    public async Task X30_a_stolen_delivery_binds_no_job_to_a_request_that_our_key_does_not_know(string fault)
    {
        using var caller = await proxy.NewCaller();
        using var thief = proxy.Anyone();
        var order = Given.OrderThat(fault);
        var creating = caller.Call("POST /v1/jobs", order).Json();
        await proxy.Until(() => proxy.SubmitsOf(order) == 1);
        await proxy.Until(async () => (await caller.Call("GET /v1/jobs").Json()).GetProperty("data").GetArrayLength() == 1);
        var id = (await caller.Call("GET /v1/jobs").Json()).GetProperty("data")[0].Text("id");

        // fal signed it, for a job of the thief's own account; the address of our job has leaked to them.
        using var stolen = (Delivery.About("019fd35a-0000-7000-8000-00000000beef") with { UserId = "another-account" }).To(proxy.WebhookOf(id));
        await thief.SendAsync(stolen, Cancel).Refused(401, "delivery-refused");

        Assert.Null((await proxy.Stored(id)).RequestId);
        proxy.FalClock.Advance(TimeSpan.FromMinutes(1)); // the held reply comes
        await creating;
        await proxy.Deliver(proxy.AtFal(order).RequestId);
        await proxy.Until(async () => (await proxy.Stored(id)).HasEnded);
        Assert.Equal((1, LedgerOf.Paid), (proxy.SubmitsOf(order), LedgerOf.Of(proxy, id)));
    }
}

public sealed class KeyOutageTests(PublicFixture proxy) : IClassFixture<PublicFixture>
{
    [Fact]
    public async Task X17_asks_fal_to_deliver_again_while_no_key_is_to_be_had()
    {
        using var caller = await proxy.NewCaller();
        var order = Given.Order();
        var id = (await caller.Create(order)).Text("id");
        proxy.Fal.JwksFails = true;

        await proxy.Deliver(proxy.AtFal(order).RequestId);
        Assert.Equal(503, proxy.Fal.Deliveries[0].Status);
        Assert.Equal((JobStatus.Queued, LedgerOf.Held), ((await proxy.Stored(id)).Status, LedgerOf.Of(proxy, id)));

        proxy.Fal.JwksFails = false;
        proxy.LetJobsEnd();
        await proxy.Until(() => proxy.Fal.Deliveries.Count == 2);
        Assert.Equal(200, proxy.Fal.Deliveries[1].Status);
        Assert.Equal((JobStatus.Completed, LedgerOf.Paid), ((await proxy.Stored(id)).Status, LedgerOf.Of(proxy, id)));

        proxy.Fal.JwksFails = true; // the last good set stays in use
        var next = Given.Order();
        await caller.Create(next);
        await proxy.Deliver(proxy.AtFal(next).RequestId);
        Assert.Equal(200, proxy.Fal.Deliveries[2].Status);
    }
}

public sealed class KeyRotationTests(KeyRotationTests.KeyRotationFixture proxy) : IClassFixture<KeyRotationTests.KeyRotationFixture>
{
    [Fact]
    public async Task X17_accepts_a_new_key_but_asks_for_keys_at_most_once_a_minute()
    {
        using var caller = await proxy.NewCaller();
        var (before, tooSoon, after) = (Given.Order(), Given.Order(), Given.Order());

        await caller.Create(before);
        await proxy.Deliver(proxy.AtFal(before).RequestId);
        proxy.Fal.RotateKeys();
        var doubted = (await caller.Create(tooSoon)).Text("id");
        await proxy.Deliver(proxy.AtFal(tooSoon).RequestId);
        Assert.Equal((200, 401), (proxy.Fal.Deliveries[0].Status, proxy.Fal.Deliveries[1].Status));
        Assert.Equal(1, proxy.Fal.Counts.Jwks);

        proxy.Clock.Advance(TimeSpan.FromSeconds(61));
        var id = (await caller.Create(after)).Text("id");
        await proxy.Deliver(proxy.AtFal(after).RequestId);
        Assert.Equal(200, proxy.Fal.Deliveries.First(delivery => delivery.RequestId == proxy.AtFal(after).RequestId).Status);
        Assert.Equal(2, proxy.Fal.Counts.Jwks);
        Assert.Equal(LedgerOf.Paid, LedgerOf.Of(proxy, id));
        await proxy.End(caller, doubted); // fal delivers again, or we look: the one that was doubted is not lost
        Assert.Equal(LedgerOf.Paid, LedgerOf.Of(proxy, doubted));
    }

    /// <summary>One clock for the service and for fal's signatures.</summary>
    public sealed class KeyRotationFixture : PublicFixture
    {
        public FakeTimeProvider Clock { get; } = new(DateTimeOffset.UtcNow);

        protected override TimeProvider Time => Clock;

        protected override SandboxOptions FalOptions => base.FalOptions with { Wall = Clock };

        protected override IEnumerable<(string Name, string Value)> Settings => [.. base.Settings, ("Jobs:SweepInterval", "00:01:00")]; // in a day that is turned at once, each is made
    }
}

public sealed class KeyLifetimeTests(KeyRotationTests.KeyRotationFixture proxy) : IClassFixture<KeyRotationTests.KeyRotationFixture>
{
    [Fact]
    public async Task X17_asks_for_the_keys_again_after_a_day()
    {
        using var caller = await proxy.NewCaller();
        foreach (var (hours, fetches) in new[] { (0, 1), (23, 1), (2, 2) })
        {
            proxy.Clock.Advance(TimeSpan.FromHours(hours));
            var order = Given.Order();
            var id = (await caller.Create(order)).Text("id");

            await proxy.Deliver(proxy.AtFal(order).RequestId);

            Assert.Equal((hours, fetches, JobStatus.Completed), (hours, proxy.Fal.Counts.Jwks, (await proxy.Stored(id)).Status));
        }
    }
}

public sealed class LostWebhookTests(LostWebhookTests.LostWebhookFixture proxy) : IClassFixture<LostWebhookTests.LostWebhookFixture>
{
    [Fact]
    public async Task X13_looks_for_itself_when_the_webhook_does_not_come()
    {
        using var caller = await proxy.NewCaller();
        var order = Given.OrderThat("loses-webhook");
        var id = (await caller.Create(order)).Text("id");
        await proxy.Until(async () => (await proxy.Stored(id)).Status == JobStatus.Queued);
        proxy.LetJobsEnd();

        await proxy.TurnUntilEnded(id);

        Assert.Equal((JobStatus.Completed, 1, LedgerOf.Paid), ((await proxy.Stored(id)).Status, proxy.SubmitsOf(order), LedgerOf.Of(proxy, id)));
        Assert.DoesNotContain(proxy.Fal.Deliveries, delivery => delivery.RequestId == proxy.AtFal(order).RequestId);
    }

    [Theory]
    [InlineData(-10)]
    [InlineData(10)]
    public async Task X18_a_clock_that_is_wrong_by_ten_minutes_refuses_deliveries_and_loses_no_video(int minutes)
    {
        using var caller = await proxy.NewCaller();
        var order = Given.Order();
        var right = DateTimeOffset.UtcNow;
        proxy.Clock.AdjustTime(right.AddMinutes(minutes));
        var id = (await caller.Create(order)).Text("id");
        await proxy.Until(async () => (await proxy.Stored(id)).Status == JobStatus.Queued);

        await proxy.Deliver(proxy.AtFal(order).RequestId);
        Assert.Equal(401, proxy.Fal.Deliveries.First(delivery => delivery.RequestId == proxy.AtFal(order).RequestId).Status);
        Assert.Equal((JobStatus.Queued, LedgerOf.Held), ((await proxy.Stored(id)).Status, LedgerOf.Of(proxy, id)));
        proxy.Clock.AdjustTime(right); // somebody sets it
        await proxy.TurnUntilEnded(id);

        Assert.Equal((JobStatus.Completed, 1, LedgerOf.Paid), ((await proxy.Stored(id)).Status, proxy.SubmitsOf(order), LedgerOf.Of(proxy, id)));
    }

    public sealed class LostWebhookFixture : PublicFixture
    {
        public FakeTimeProvider Clock { get; } = new(DateTimeOffset.UtcNow);

        protected override TimeProvider Time => Clock;

        protected override IEnumerable<(string Name, string Value)> Settings => [.. base.Settings, ("Jobs:SweepInterval", "00:00:10"), ("Fal:ReadTimeout", "00:01:00")];

        public Task TurnUntilEnded(string id) => Until(
            async () =>
            {
                Turn(Clock, TimeSpan.FromSeconds(10));
                return (await Stored(id)).HasEnded;
            },
            $"job {id} had ended");
    }
}

public sealed class JumpingClockTests(OddUpstreamTests.OddUpstreamFixture proxy) : IClassFixture<OddUpstreamTests.OddUpstreamFixture>
{
    [Theory]
    [InlineData(200, """{"request_id":"r1"}""", "queued", LedgerOf.Held)]
    [InlineData(422, """{"detail":"No."}""", "failed", LedgerOf.Released)]
    [InlineData(429, "{}", "submitting", LedgerOf.Held)]
    public async Task X18_a_clock_that_jumps_while_a_submit_is_in_the_air_does_not_drown_its_answer(int status, string reply, string then, string books)
    {
        using var caller = await proxy.NewCaller();
        var mayAnswer = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        proxy.Upstream.AfterPost = async (connection, _) =>
        {
            await mayAnswer.Task.Within();
            return await RawUpstream.Say(connection, RawUpstream.Json(status, reply));
        };
        var before = proxy.Upstream.Posts;
        var id = (await caller.Create()).Text("id");
        await proxy.Until(() => proxy.Upstream.Posts == before + 1);

        proxy.Clock.AdjustTime(proxy.Clock.GetUtcNow().AddMinutes(10)); // no timer fires: the time did not pass, the clock was set
        proxy.Clock.Advance(TimeSpan.FromSeconds(10)); // one sweep, and far less than a submit may take
        await proxy.Until(async () => await Status(id) == "unconfirmed");
        mayAnswer.SetResult();
        await proxy.Until(async () => await Status(id) == then);

        Assert.Equal((1, books), (proxy.Upstream.Posts - before, LedgerOf.Of(proxy, id)));
        proxy.Upstream.AfterPost = (connection, _) => RawUpstream.Say(connection, RawUpstream.Json(200, """{"request_id":"r1"}"""));
        await proxy.TurnWhileUnsent(id, () => false); // or it would be sent in another case
    }

    private async Task<string> Status(string id) => (await proxy.Stored(id, TestContext.Current.CancellationToken)).Status.Word;
}
