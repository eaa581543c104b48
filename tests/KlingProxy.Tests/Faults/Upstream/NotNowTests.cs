using System.Text.Json;

using KlingProxy.Ids;
using KlingProxy.Jobs;
using KlingProxy.Sandbox;
using KlingProxy.Tests.Fal;
using KlingProxy.Tests.Fixtures;

using Microsoft.Extensions.DependencyInjection;

namespace KlingProxy.Tests.Faults.Upstream;

/// <summary>fal says that it will not have it now: it is sent later, until the start deadline.</summary>
public sealed class NotNowTests(NotNowTests.NotNowFixture proxy) : IClassFixture<NotNowTests.NotNowFixture>
{
    [Fact]
    public async Task X05_is_sent_later_when_fal_says_not_now()
    {
        using var caller = await proxy.NewCaller();
        var order = Given.Order();
        proxy.Fal.Fault = SandboxFault.RateLimited;

        var job = await caller.Create(order);
        await proxy.TurnWhileUnsent(job.Text("id"), () => proxy.SubmitsOf(order) == 2);
        await proxy.TurnUntil(TimeSpan.FromMilliseconds(50), async () => // fal has refused the second, too
            await proxy.Services.GetRequiredService<IJobStore>().Find(new JobId(job.Text("id")), TestContext.Current.CancellationToken) is { UnsentAttempts: 2 });
        var waiting = await caller.Call($"GET /v1/jobs/{job.Text("id")}").Json();
        Assert.Equal(("submitting", "fal"), (waiting.Text("status"), waiting.Text("waiting_for")));
        Assert.True(waiting.GetProperty("next_attempt_at").GetDateTimeOffset() > waiting.GetProperty("created_at").GetDateTimeOffset());
        proxy.Fal.Fault = null;
        await proxy.TurnWhileUnsent(job.Text("id"), () => false);

        Assert.Equal("submitting", job.Text("status"));
        var queued = await caller.Call($"GET /v1/jobs/{job.Text("id")}").Json();
        Assert.Equal(("queued", JsonValueKind.Null, JsonValueKind.Null), (queued.Text("status"), queued.GetProperty("waiting_for").ValueKind, queued.GetProperty("next_attempt_at").ValueKind));
        Assert.Equal(3, proxy.SubmitsOf(order));
        Assert.Equal("completed", (await proxy.End(caller, job.Text("id"))).Text("status"));
        Assert.Equal((2.10m, LedgerOf.Paid), (proxy.AtFal(order).Billed.Amount, LedgerOf.Of(proxy, job.Text("id"))));
    }

    [Fact]
    public async Task X05_expires_for_nothing_when_fal_says_so_until_the_start_deadline()
    {
        using var caller = await proxy.NewCaller();
        var id = (await caller.Create(Given.OrderThat("rate-limited"))).Text("id");

        await proxy.TurnWhileUnsent(id, () => false);
        var job = await caller.Call($"GET /v1/jobs/{id}").Json();

        Assert.Equal(("expired", "0.00", "upstream-unavailable"), (job.Text("status"), job.Text("cost"), job.GetProperty("error").Text("code")));
        Assert.Equal(LedgerOf.Released, LedgerOf.Of(proxy, id));
    }

    public sealed class NotNowFixture : TimedFixture
    {
        protected override IEnumerable<(string Name, string Value)> Settings => [.. base.Settings, ("Fal:StartTimeout", "00:10:00")];
    }
}

public sealed class ExplicitNotNowTests(LostReplyTests.LostReplyFixture proxy) : IClassFixture<LostReplyTests.LostReplyFixture>
{
    [Theory]
    [InlineData(429)]
    [InlineData(503)]
    public async Task X05_posts_again_only_because_fal_said_that_nothing_was_begun(int status)
    {
        using var caller = await proxy.NewCaller();
        var before = proxy.Upstream.Posts;
        proxy.Upstream.AfterPost = (connection, number) => RawUpstream.Say(connection, number == before + 1 ? RawUpstream.Json(status, "{}") : RawUpstream.Json(200, """{"request_id":"second"}"""));

        var job = await caller.Create();

        Assert.Equal(("queued", 2), (job.Text("status"), proxy.Upstream.Posts - before));
        Assert.Equal(LedgerOf.Held, LedgerOf.Of(proxy, job.Text("id")));
    }
}
