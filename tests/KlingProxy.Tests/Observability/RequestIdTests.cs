using System.Text.Json.Nodes;

using KlingProxy.Ids;
using KlingProxy.Jobs;
using KlingProxy.Tests.FalWebhooks;
using KlingProxy.Tests.Fixtures;

using Microsoft.Extensions.DependencyInjection;

using Serilog.Events;

namespace KlingProxy.Tests.Observability;

/// <summary>The id that callers are told to quote finds everything that their request did.</summary>
public sealed class RequestIdTests(ProxyFixture proxy) : IClassFixture<ProxyFixture>
{
    public static TheoryData<string, bool> Ids => new()
    {
        { "mine", true },
        { "req_0123", true },
        { "0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331", true },
        { "Root=1-67891233:abc/def+x@y_z.9", true },
        { new string('a', 64), true },
        { new string('a', 65), false },
        { new string('a', 30_000), false },
        { "two words", false },
        { "quote\"d", false },
        { "angle<d>", false },
        { "semi;colon", false },
        { "perc%65nt", false },
        { "umläut", false },
        { "esc\u001b[0m", false },
    };

    [Theory]
    [MemberData(nameof(Ids))]
    public async Task A_caller_s_own_is_kept_where_it_is_one(string own, bool kept)
    {
        using var anyone = proxy.Anyone();

        using var reply = await anyone.Call("GET /v1/nothing", null, ("X-Request-Id", own));

        var id = Assert.Single(reply.Headers.GetValues("X-Request-Id"));
        Assert.Equal(kept, id == own);
        if (!kept)
            Assert.Matches("^req_[0-9a-f]{32}$", id);
        Assert.Equal(id, (await reply.Json()).Text("request_id"));
    }

    [Fact]
    public async Task Two_are_none()
    {
        using var anyone = proxy.Anyone();

        using var reply = await anyone.Call("GET /v1/nothing", null, ("X-Request-Id", "one"), ("X-Request-Id", "two"));

        Assert.Matches("^req_[0-9a-f]{32}$", Assert.Single(reply.Headers.GetValues("X-Request-Id")));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("the-caller-s-own-1")]
    public async Task Every_line_of_a_request_says_it_and_so_does_the_work_that_it_began(string? own)
    {
        using var caller = await proxy.NewCaller();
        var order = Given.Order();

        using var reply = await caller.Call("POST /v1/jobs", order, own is null ? [] : [("X-Request-Id", own)]);
        var (request, id) = (reply.Headers.GetValues("X-Request-Id").Single(), (await reply.Json()).Text("id"));
        await proxy.End(caller, id);
        await proxy.Until(() => LinesOf(id).Any(line => Said(line).Contains("ended as", StringComparison.Ordinal)));

        Assert.True(LinesOf(id).Count >= 2);
        Assert.All(LinesOf(id), line => Assert.Equal((Said(line), request), (Said(line), Property(line, "Request"))));
    }

    [Fact]
    public async Task What_goes_wrong_says_it_too()
    {
        using var caller = await proxy.NewCaller();

        using var reply = await caller.Call("POST /v1/jobs", Given.OrderThat("loses-reply"));
        var request = reply.Headers.GetValues("X-Request-Id").Single();

        var line = Assert.Single(proxy.Log.Events, line => Property(line, "Request") == request && Property(line, "SourceContext") == "KlingProxy.Fal.Queue.FalQueue");
        Assert.Equal((await reply.Json()).Text("id"), Property(line, "JobId")); // fal's folder knows no job: whoever asked it says which
    }

    [Fact]
    public async Task No_line_of_ours_within_a_request_is_without_it()
    {
        using var caller = await proxy.NewCaller();
        using var anyone = proxy.Anyone();
        await anyone.Call("POST /webhooks/fal/job_1/2", new JsonObject()).Status();
        await caller.Call("GET /v1/jobs").Status();
        await caller.Call("PUT /v1/freeze", new JsonObject { ["reason"] = "x" }).Status();

        // What the server says of a request before it is ours, or after, is not said in production.
        Assert.Empty(proxy.Log.Events
            .Where(line => line.Properties.ContainsKey("RequestPath") && line.Level >= LogEventLevel.Warning && !line.Properties.ContainsKey("Request"))
            .Select(Said));
        Assert.Contains(proxy.Log.Events, line => Said(line).StartsWith("Refused a delivery", StringComparison.Ordinal) && Property(line, "Request").StartsWith("req_", StringComparison.Ordinal));
    }

    private List<LogEvent> LinesOf(string jobId) => [.. proxy.Log.Events.Where(line =>
        line.Level >= LogEventLevel.Information && Property(line, "SourceContext").StartsWith("KlingProxy.Jobs", StringComparison.Ordinal) && Property(line, "JobId") == jobId)];

    private static string Property(LogEvent line, string name) => line.Properties.GetValueOrDefault(name) is ScalarValue { Value: string text } ? text : "";

    private static string Said(LogEvent line) => line.RenderMessage(System.Globalization.CultureInfo.InvariantCulture);
}

/// <summary>What goes on without the request that began it: whoever watches, or nobody.</summary>
public sealed class RequestIdLaterTests(PublicFixture proxy) : IClassFixture<PublicFixture>
{
    [Fact]
    public async Task A_follow_says_who_asked_for_the_job_and_not_who_watches_first()
    {
        using var caller = await proxy.NewCaller();
        using var reply = await caller.Call("POST /v1/jobs", Given.OrderThat("loses-webhook"));
        var (request, id) = (reply.Headers.GetValues("X-Request-Id").Single(), (await reply.Json()).Text("id"));

        await proxy.End(caller.AllEvents(id)); // nobody else looks: the reconciler waits for a webhook

        await proxy.Until(() => Ended(proxy, id) is not null);
        Assert.Equal(request, Property(Ended(proxy, id)!, "Request"));
    }

    internal static LogEvent? Ended(ProxyFixture proxy, string jobId) => proxy.Log.Events.FirstOrDefault(line =>
        line.MessageTemplate.Text.StartsWith("Job {JobId} ended as", StringComparison.Ordinal) && Property(line, "JobId") == jobId);

    internal static string Property(LogEvent line, string name) => line.Properties.GetValueOrDefault(name) is ScalarValue { Value: string text } ? text : "";
}

public sealed class RequestIdOfSweepsTests(RequestIdOfSweepsTests.RequestIdOfSweepsFixture proxy) : IClassFixture<RequestIdOfSweepsTests.RequestIdOfSweepsFixture>
{
    [Fact]
    public async Task A_sweep_says_who_asked_for_the_job_also_after_a_restart()
    {
        var now = DateTimeOffset.UtcNow;
        using var input = System.Text.Json.JsonDocument.Parse($$"""{"image_url":"{{Given.ImageUrl}}","prompt":"Petals fall.","duration":"5"}""");
        var job = new Job
        {
            Id = JobId.New(),
            CallerId = new CallerId("key_of_the_rich"),
            Model = Tests.FalCompat.FalCalls.Model,
            Input = input.RootElement.Clone(),
            Seconds = 5,
            UnitPrice = 0.42m,
            EstimatedCost = 2.10m,
            CreatedAt = now.AddMinutes(-1), // whoever recorded it has died since
            CreatedBy = "req_of_somebody_before",
        };

        await proxy.Services.GetRequiredService<IJobStore>().Add(job, null, Given.Rich, TestContext.Current.CancellationToken);
        await proxy.Until(() =>
        {
            proxy.LetJobsEnd();
            return RequestIdLaterTests.Ended(proxy, job.Id) is not null;
        });

        Assert.All(
            proxy.Log.Events.Where(line => RequestIdLaterTests.Property(line, "JobId") == job.Id && line.Level >= LogEventLevel.Information),
            line => Assert.Equal((line.MessageTemplate.Text, job.CreatedBy), (line.MessageTemplate.Text, RequestIdLaterTests.Property(line, "Request"))));
    }

    public sealed class RequestIdOfSweepsFixture : ProxyFixture
    {
        protected override IEnumerable<(string Name, string Value)> Settings => [("Jobs:FollowLinger", "00:00:00")];
    }
}
