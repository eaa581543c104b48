using KlingProxy.FalWebhooks;
using KlingProxy.Jobs;
using KlingProxy.Tests.Fixtures;

namespace KlingProxy.Tests.FalWebhooks;

public sealed class DeliveryRefusalTests(DeliveryRefusalTests.DeliveryRefusalFixture proxy) : IClassFixture<DeliveryRefusalTests.DeliveryRefusalFixture>
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public static TheoryData<string, int, string> Refusals => new()
    {
        { "another job's token",               404, "not-found" },
        { "a guessed token",                   404, "not-found" },
        { "a token in capitals",               404, "not-found" },
        { "a body that is too large",          413, "too-large" },
        { "a chunked one that is too large",   413, "too-large" },
        { "no signature",                      401, "delivery-refused" },
        { "two signatures",                    401, "delivery-refused" },
        { "a signature of another body",       401, "delivery-refused" },
        { "another user id than signed",       401, "delivery-refused" },
        { "a stale time",                      401, "delivery-refused" },
        { "a time to come",                    401, "delivery-refused" },
        { "a foreign account",                 401, "delivery-refused" },
        { "another request than the job's",    401, "delivery-refused" },
        { "a body about another request",      401, "delivery-refused" },
        { "a header about another request",    401, "delivery-refused" },
        { "a body without a request",          401, "delivery-refused" },
        { "a body that is not JSON",           401, "delivery-refused" },
        { "an empty body",                     401, "delivery-refused" },
        { "a request id that is a path",       401, "delivery-refused" },
    };

    [Theory]
    [MemberData(nameof(Refusals))]
    public async Task Refuses(string what, int status, string code)
    {
        using var caller = await proxy.NewCaller();
        using var fal = proxy.Anyone();
        var order = Given.Order();
        var id = (await caller.Create(order)).Text("id");
        var (path, good) = (proxy.WebhookOf(id), Delivery.About(proxy.AtFal(order).RequestId));

        using var request = what switch
        {
            "another job's token" => good.To(proxy.WebhookOf((await caller.Create()).Text("id")).Replace((await caller.Call("GET /v1/jobs?limit=1").Json()).GetProperty("data")[0].Text("id"), id, StringComparison.Ordinal)),
            "a guessed token" => good.To($"/webhooks/fal/{id}/00000000000000000000000000000000"),
            "a token in capitals" => good.To($"/webhooks/fal/{id}/{path.Split('/')[^1].ToUpperInvariant()}"),
            "a body that is too large" => (good with { Body = new byte[(1024 * 1024) + 1] }).To(path),
            "a chunked one that is too large" => (good with { Body = new byte[(1024 * 1024) + 1] }).To(path, chunked: true),
            "no signature" => Changed(good, path, headers => headers.Remove("X-Fal-Webhook-Signature")),
            "two signatures" => Changed(good, path, headers => headers.Add("X-Fal-Webhook-Signature", "00")),
            "a signature of another body" => Changed(good, path, headers => { }, " "u8.ToArray()),
            "another user id than signed" => Changed(good, path, headers => { headers.Remove("X-Fal-Webhook-User-Id"); headers.Add("X-Fal-Webhook-User-Id", "another"); }),
            "a stale time" => (good with { At = good.At.AddSeconds(-330) }).To(path),
            "a time to come" => (good with { At = good.At.AddSeconds(330) }).To(path),
            "a foreign account" => (good with { UserId = "another-account" }).To(path),
            "another request than the job's" => Delivery.About("019fd35a-0000-7000-8000-000000000001").To(path),
            "a body about another request" => (good with { Body = Delivery.About("019fd35a-0000-7000-8000-000000000001").Body }).To(path),
            "a header about another request" => (good with { RequestId = "019fd35a-0000-7000-8000-000000000001" }).To(path),
            "a body without a request" => Delivery.About(good.RequestId, "{}").To(path),
            "a body that is not JSON" => Delivery.About(good.RequestId, "request_id=1").To(path),
            "an empty body" => Delivery.About(good.RequestId, "").To(path),
            "a request id that is a path" => Delivery.About("../x").To(path),
            _ => throw new ArgumentOutOfRangeException(nameof(what)),
        };

        await fal.SendAsync(request, Cancel).Refused(status, code);
        Assert.Equal(JobStatus.Queued, (await proxy.Stored(id)).Status);
        Assert.Equal(0, proxy.Fal.CountsFor(good.RequestId).Results);
    }

    [Fact]
    public async Task Takes_the_one_that_nothing_was_changed_of_for_a_hint_only()
    {
        using var caller = await proxy.NewCaller();
        using var fal = proxy.Anyone();
        var order = Given.Order();
        var id = (await caller.Create(order)).Text("id");

        using var request = Delivery.About(proxy.AtFal(order).RequestId).To(proxy.WebhookOf(id));
        using var reply = await fal.SendAsync(request, Cancel); // fal itself says that the job still runs

        Assert.Equal(200, (int)reply.StatusCode);
        Assert.False((await proxy.Stored(id)).HasEnded);
        Assert.Equal("completed", (await proxy.End(caller, id)).Text("status"));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Thanks_for_what_it_knows_or_no_longer_wants_to_know(bool deleted)
    {
        using var caller = await proxy.NewCaller();
        using var fal = proxy.Anyone();
        var order = Given.Order();
        var id = (await caller.Create(order)).Text("id");
        await proxy.End(caller, id);
        if (deleted)
            Assert.Equal(204, await caller.Call($"DELETE /v1/jobs/{id}").Status());

        using var request = Delivery.About(proxy.AtFal(order).RequestId).To(proxy.WebhookOf(id));

        Assert.Equal(200, await fal.SendAsync(request, Cancel).Status());
    }

    [Fact]
    public async Task Hears_about_one_job_only_so_often_a_minute()
    {
        using var caller = await proxy.NewCaller();
        using var fal = proxy.Anyone();
        var (order, other) = (Given.Order(), Given.Order());
        var (id, otherId) = ((await caller.Create(order)).Text("id"), (await caller.Create(other)).Text("id"));
        var unsigned = new List<int>();

        for (var delivery = 0; delivery <= DeliveryLimit.PerMinute; delivery++)
            unsigned.Add(await fal.Call($"POST {proxy.WebhookOf(id)}").Status());
        using var tooMany = await fal.SendAsync(Delivery.About(proxy.AtFal(order).RequestId).To(proxy.WebhookOf(id)), Cancel);
        using var aboutAnother = await fal.SendAsync(Delivery.About(proxy.AtFal(other).RequestId).To(proxy.WebhookOf(otherId)), Cancel);

        Assert.Equal([.. Enumerable.Repeat(401, DeliveryLimit.PerMinute), 429], unsigned);
        Assert.InRange(tooMany.Headers.RetryAfter?.Delta ?? TimeSpan.Zero, TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(1));
        await Task.FromResult(tooMany).Refused(429, "too-many-deliveries");
        Assert.Equal(200, (int)aboutAnother.StatusCode);
        Assert.Equal(404, await fal.Call($"POST /webhooks/fal/{id}/00").Status()); // strangers are not counted
        Assert.Equal("completed", (await proxy.End(caller, id)).Text("status")); // and nothing is lost by it
    }

    [Theory]
    [InlineData("GET")]
    [InlineData("PUT")]
    public async Task Knows_no_other_verb(string verb)
    {
        using var caller = await proxy.NewCaller();

        await caller.Call($"{verb} {proxy.WebhookOf((await caller.Create()).Text("id"))}").Refused(405, "method-not-allowed");
    }

    private static HttpRequestMessage Changed(Delivery delivery, string path, Action<System.Net.Http.Headers.HttpRequestHeaders> change, byte[]? body = null)
    {
        var request = delivery.To(path);
        change(request.Headers);
        if (body is not null)
            request.Content = new ByteArrayContent(body);
        return request;
    }

    public sealed class DeliveryRefusalFixture : PublicFixture
    {
        protected override IEnumerable<(string Name, string Value)> Settings => [.. base.Settings, ("Fal:UserId", "sandbox-account")];
    }
}
