using KlingProxy.Jobs;
using KlingProxy.Sandbox;

using Microsoft.Extensions.Time.Testing;

namespace KlingProxy.Tests.Webhooks;

public sealed class KeyOutageTests(PublicFixture proxy) : IClassFixture<PublicFixture>
{
    [Fact]
    public async Task Asks_fal_to_deliver_again_while_no_key_is_to_be_had()
    {
        using var caller = await proxy.NewCaller();
        var order = Given.Order();
        var id = (await caller.Create(order)).Text("id");
        proxy.Fal.JwksFails = true;

        await proxy.Deliver(proxy.AtFal(order).RequestId);
        Assert.Equal(503, proxy.Fal.Deliveries[0].Status);
        Assert.Equal(JobStatus.Queued, (await proxy.Stored(id)).Status);

        proxy.Fal.JwksFails = false;
        proxy.LetJobsEnd();
        await proxy.Until(() => proxy.Fal.Deliveries.Count == 2);
        Assert.Equal(200, proxy.Fal.Deliveries[1].Status);
        Assert.Equal(JobStatus.Completed, (await proxy.Stored(id)).Status);

        proxy.Fal.JwksFails = true; // the last good set stays in use
        var next = Given.Order();
        await caller.Create(next);
        await proxy.Deliver(proxy.AtFal(next).RequestId);
        Assert.Equal(200, proxy.Fal.Deliveries[2].Status);
    }
}

public sealed class KeyRotationTests(KeyRotationTests.World proxy) : IClassFixture<KeyRotationTests.World>
{
    [Fact]
    public async Task Accepts_a_new_key_but_asks_for_keys_at_most_once_a_minute()
    {
        using var caller = await proxy.NewCaller();
        var (before, tooSoon, after) = (Given.Order(), Given.Order(), Given.Order());

        await caller.Create(before);
        await proxy.Deliver(proxy.AtFal(before).RequestId);
        proxy.Fal.RotateKeys();
        await caller.Create(tooSoon);
        await proxy.Deliver(proxy.AtFal(tooSoon).RequestId);
        Assert.Equal((200, 401), (proxy.Fal.Deliveries[0].Status, proxy.Fal.Deliveries[1].Status));
        Assert.Equal(1, proxy.Fal.Counts.Jwks);

        proxy.Clock.Advance(TimeSpan.FromSeconds(61));
        await caller.Create(after);
        await proxy.Deliver(proxy.AtFal(after).RequestId);
        Assert.Equal(200, proxy.Fal.Deliveries.First(delivery => delivery.RequestId == proxy.AtFal(after).RequestId).Status);
        Assert.Equal(2, proxy.Fal.Counts.Jwks);
    }

    /// <summary>One clock for the service and for fal's signatures.</summary>
    public sealed class World : PublicFixture
    {
        public FakeTimeProvider Clock { get; } = new(DateTimeOffset.UtcNow);

        protected override TimeProvider Time => Clock;

        protected override SandboxOptions FalOptions => base.FalOptions with { Wall = Clock };
    }
}

public sealed class LostWebhookTests(LostWebhookTests.World proxy) : IClassFixture<LostWebhookTests.World>
{
    [Fact]
    public async Task Looks_for_itself_when_the_webhook_does_not_come()
    {
        using var caller = await proxy.NewCaller();
        var order = Given.OrderThat("loses-webhook");
        var id = (await caller.Create(order)).Text("id");
        await proxy.Until(async () => (await proxy.Stored(id)).Status == JobStatus.Queued);
        proxy.LetJobsEnd();

        await proxy.Until(async () =>
        {
            proxy.Clock.Advance(TimeSpan.FromMinutes(1));
            return (await proxy.Stored(id)).HasEnded;
        });

        Assert.Equal(JobStatus.Completed, (await proxy.Stored(id)).Status);
        Assert.DoesNotContain(proxy.Fal.Deliveries, delivery => delivery.RequestId == proxy.AtFal(order).RequestId);
    }

    public sealed class World : PublicFixture
    {
        public FakeTimeProvider Clock { get; } = new(DateTimeOffset.UtcNow);

        protected override TimeProvider Time => Clock;
    }
}
