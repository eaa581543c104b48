using System.Text.Json.Nodes;

using KlingProxy.Access.Limits;
using KlingProxy.Observability;
using KlingProxy.Tests.FalCompat;
using KlingProxy.Tests.Fixtures;

using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;

using Serilog.Events;

namespace KlingProxy.Tests.Access.Limits;

/// <summary>Many small bodies fill the memory as few large ones do: whoever sends them slowly takes their own place, for seconds, and nobody else's.</summary>
public sealed class SmallBodiesTests(SmallBodiesTests.SmallBodiesFixture proxy) : IClassFixture<SmallBodiesTests.SmallBodiesFixture>
{
    private const int PerCaller = 4, InAll = 32;

    private const string Page = "https://app.example";

    private BodyPlaces Places => proxy.Services.GetRequiredService<BodyPlaces>();

    public static TheoryData<string, string> Doors => new()
    {
        // call                                                               more headers
        { "POST /v1/jobs",                                                    "" },
        { "POST /v1/quotes",                                                  "" },
        { $"POST /fal/queue/{FalCalls.Model}",                                "" },
        { $"POST /fal/run/{FalCalls.Model}",                                  "" },
        { "POST /api/fal/proxy",                                              $"\r\nx-fal-target-url: {FalCalls.StorageTarget}" },
        { "POST /v1/keys",                                                    "" },
        { "POST /v1/keys/key_00000000000000000000000000000000/rotate",        "" },
        { "POST /v1/tickets",                                                 "" },
        { "PUT /v1/freeze",                                                   "" },
        { "POST /v1/jobs/job_00000000000000000000000000000000/resolve",       "" },
    };

    [Theory]
    [MemberData(nameof(Doors))]
    public async Task One_caller_with_slow_ones_stops_only_themself(string call, string headers)
    {
        var slow = await proxy.NewKey("jobs", "tickets", "operator");
        using var other = await proxy.NewCaller();
        var bodies = await Begin(PerCaller, () => SlowBody.Small(proxy.Address, call, slow, headers));

        Assert.Equal(202, await other.Call("POST /v1/jobs", Given.Order()).Status());
        await using (var fifth = await SlowBody.Small(proxy.Address, call, slow, headers))
        {
            var answer = await LosePatience(fifth);

            Assert.StartsWith("HTTP/1.1 429", answer, StringComparison.Ordinal);
            Assert.Contains("too-many-bodies", answer, StringComparison.Ordinal);
            Assert.Equal(PerCaller, Places.TakenBySmall);
        }
        await Drop(bodies);
    }

    [Theory]
    [MemberData(nameof(Doors))]
    public async Task Has_seconds_to_come_however_well_it_keeps_its_pace(string call, string headers)
    {
        await using var body = await SlowBody.Small(proxy.Address, call, await proxy.NewKey("jobs", "tickets", "operator"), headers);
        await proxy.Until(() => Places.TakenBySmall == 1);

        proxy.Clock.Advance(BodyPlaces.MaxSmallBodyTime);
        var answer = await body.Answer();

        Assert.StartsWith("HTTP/1.1 408", answer, StringComparison.Ordinal);
        Assert.Contains("10 seconds", answer, StringComparison.Ordinal);
        await proxy.Until(() => Places.TakenBySmall == 0);
        Assert.DoesNotContain(proxy.Log.Events, line => line.Level >= LogEventLevel.Error && new UnreadRests().IsEnabled(line));
    }

    [Fact]
    public async Task What_turns_out_to_be_large_has_a_large_ones_place_and_time()
    {
        await using var body = await SlowBody.Job(proxy.Address, await proxy.NewKey(), chunked: true);
        await proxy.Until(() => Places.Taken == 1);
        Assert.Equal(0, Places.TakenBySmall);

        proxy.Clock.Advance(BodyPlaces.MaxSmallBodyTime);
        Assert.Equal(1, Places.Taken);
        proxy.Clock.Advance(BodyPlaces.MaxBodyTime - BodyPlaces.MaxSmallBodyTime);

        Assert.Contains("5 minutes", await body.Answer(), StringComparison.Ordinal);
        await proxy.Until(() => Places.Taken == 0);
    }

    [Fact]
    public async Task All_together_have_a_limit()
    {
        var (bodies, another) = (new List<SlowBody>(), await proxy.NewKey());
        for (var caller = 0; caller < InAll / PerCaller; caller++)
        {
            var key = await proxy.NewKey();
            for (var number = 0; number < PerCaller; number++)
                bodies.Add(await SlowBody.Small(proxy.Address, "POST /v1/jobs", key));
        }
        await proxy.Until(() => Places.TakenBySmall == InAll);

        await using (var more = await SlowBody.Small(proxy.Address, "POST /v1/jobs", another))
        {
            var answer = await LosePatience(more);

            Assert.StartsWith("HTTP/1.1 503", answer, StringComparison.Ordinal);
            Assert.Contains("Retry-After: 5", answer, StringComparison.Ordinal);
            Assert.Contains("overloaded", answer, StringComparison.Ordinal);
        }
        await Drop(bodies);
    }

    [Fact]
    public async Task Tickets_have_few_each_and_leave_half_of_the_places_to_others()
    {
        using var server = await proxy.NewCaller("tickets");
        using var other = await proxy.NewCaller();
        var bodies = await Begin(InAll / 2, async () => await SlowBody.Small(proxy.Address, "POST /v1/quotes", await Ticket(server), $"\r\nOrigin: {Page}"));

        await using (var more = await SlowBody.Small(proxy.Address, "POST /v1/quotes", await Ticket(server), $"\r\nOrigin: {Page}"))
            Assert.StartsWith("HTTP/1.1 503", await LosePatience(more), StringComparison.Ordinal);
        Assert.Equal(202, await other.Call("POST /v1/jobs", Given.Order()).Status());
        await Drop(bodies);
    }

    private async Task<List<SlowBody>> Begin(int count, Func<Task<SlowBody>> begin)
    {
        var bodies = new List<SlowBody>();
        for (var number = 0; number < count; number++)
            bodies.Add(await begin());
        await proxy.Until(() => Places.TakenBySmall == count);
        return bodies;
    }

    private async Task<string> LosePatience(SlowBody body)
    {
        await proxy.Until(() => Places.Waiting == 1);
        proxy.Clock.Advance(BodyPlaces.MaxSmallWait);
        return await body.Answer();
    }

    private async Task Drop(List<SlowBody> bodies)
    {
        foreach (var body in bodies)
            await body.DisposeAsync();
        await proxy.Until(() => Places.TakenBySmall == 0);
    }

    private static async Task<string> Ticket(HttpClient server) =>
        (await server.Call("POST /v1/tickets", new JsonObject { ["max_cost"] = "10.00", ["origin"] = Page }).Json()).Text("ticket");

    public sealed class SmallBodiesFixture : TimedFixture
    {
        // Of a machine that hardly has any memory; and the server's own pace, which is of real time, may not end what the test's clock is to end.
        protected override void ConfigureWebHost(IWebHostBuilder builder)
        {
            base.ConfigureWebHost(builder);
            builder.ConfigureServices(services => services.AddSingleton(new MemoryBounds(1))
                .PostConfigure<KestrelServerOptions>(kestrel => kestrel.Limits.MinRequestBodyDataRate = null));
        }
    }
}
