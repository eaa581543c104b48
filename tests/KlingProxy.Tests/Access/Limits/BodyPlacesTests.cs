using System.Net;
using System.Net.Http.Headers;
using System.Text.Json.Nodes;

using KlingProxy.Access.Credentials;
using KlingProxy.Access.Limits;
using KlingProxy.Http.Bodies;
using KlingProxy.Http.Pieces;
using KlingProxy.Ids;
using KlingProxy.Startup;
using KlingProxy.Tests.Fixtures;
using KlingProxy.Tests.Uploads.Formats;

using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace KlingProxy.Tests.Access.Limits;

/// <summary>Whoever sends large bodies slowly takes their own place, and nobody else's.</summary>
public sealed class BodyPlacesTests(BodyPlacesTests.BodyPlacesFixture proxy) : IClassFixture<BodyPlacesTests.BodyPlacesFixture>
{
    private const int PerCaller = 4, InAll = 8;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private int Taken => proxy.Services.GetRequiredService<BodyPlaces>().Taken;

    /// <summary>What of the bodies is kept there, in bytes.</summary>
    private long OnDisk => proxy.Services.GetRequiredService<Spool>().Taken;

    [Theory]
    [InlineData("job")]
    [InlineData("chunked job")]
    [InlineData("upload")]
    public async Task One_caller_with_slow_bodies_stops_only_themself(string kind)
    {
        var (slow, other) = (await proxy.NewKey(), await proxy.NewKey());
        await using var bodies = new Bodies();
        for (var number = 0; number < PerCaller; number++)
            bodies.Add(await Begin(kind, slow));
        await proxy.Until(() => Taken == PerCaller);

        Assert.Equal(HttpStatusCode.Accepted, await Order(other));
        Assert.Equal(HttpStatusCode.Created, await Upload(other));
        Assert.Equal(HttpStatusCode.Accepted, await Small(slow)); // what is small asks nobody
        var fifth = bodies.Add(await Begin(kind, slow));
        var answer = fifth.Answer();
        await LosePatience();

        Assert.StartsWith("HTTP/1.1 429", await answer, StringComparison.Ordinal);
        Assert.Contains("Retry-After: 5", await answer, StringComparison.Ordinal);
        Assert.Contains("too-many-bodies", await answer, StringComparison.Ordinal);
        Assert.Contains($"\"limit\":{PerCaller},", await answer, StringComparison.Ordinal);
        Assert.Equal(PerCaller, Taken);
    }

    /// <summary>What a connection holds for all others is bounded by small pieces.</summary>
    [Fact]
    public async Task A_connection_receives_in_large_pieces_for_as_long_as_its_large_body_has_a_place()
    {
        var (places, size, context) = (proxy.Services.GetRequiredService<BodyPlaces>(), new PieceSize(), new DefaultHttpContext());
        context.Features.Set(size);
        var caller = new Caller(new CallerId($"pieces-{Guid.NewGuid():N}"));
        Assert.False(size.IsEnlarged);

        Assert.Null(await places.Enter(context, caller, Cancel));
        Assert.True(size.IsEnlarged);

        places.Leave(context);
        places.Leave(context);
        Assert.False(size.IsEnlarged);
    }

    /// <summary>As the service begins: a test's own server comes after it, and would be looked at in its place.</summary>
    [Fact]
    public async Task The_service_receives_by_the_transport_and_the_pools_that_know_of_pieces_and_gives_memory_back()
    {
        var builder = StartUp.Begin([])!;
        await using var service = builder.Build();

        Assert.IsType<PieceTransport>(service.Services.GetServices<IConnectionListenerFactory>().Last());
        Assert.IsType<PiecePools>(service.Services.GetRequiredService<IMemoryPoolFactory<byte>>());
        Assert.Single(builder.Services, hosted => hosted.ServiceType == typeof(IHostedService) && hosted.ImplementationType == typeof(SpareMemory));
    }

    [Fact]
    public async Task Whoever_waits_for_a_place_gets_the_next_one()
    {
        var slow = await proxy.NewKey();
        await using var bodies = new Bodies();
        for (var number = 0; number < PerCaller; number++)
            bodies.Add(await SlowBody.Upload(proxy.Address, slow));
        await proxy.Until(() => Taken == PerCaller);

        var waits = Order(slow);
        await bodies.Drop();

        Assert.Equal(HttpStatusCode.Accepted, await waits);
        await proxy.Until(() => Taken == 0);
    }

    [Fact]
    public async Task All_together_have_a_limit_and_nobody_waits_beside_as_many_as_may_wait()
    {
        await using var bodies = new Bodies();
        for (var caller = 0; caller < InAll / PerCaller; caller++)
        {
            var key = await proxy.NewKey();
            for (var number = 0; number < PerCaller; number++)
                bodies.Add(await SlowBody.Job(proxy.Address, key));
        }
        await proxy.Until(() => Taken == InAll);

        var answer = bodies.Add(await SlowBody.Job(proxy.Address, await proxy.NewKey())).Answer();
        await LosePatience();

        Assert.StartsWith("HTTP/1.1 503", await answer, StringComparison.Ordinal);
        Assert.Contains("Retry-After: 5", await answer, StringComparison.Ordinal);
        Assert.Contains("overloaded", await answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Tickets_together_leave_half_of_the_places_to_others()
    {
        var server = await proxy.NewCaller("jobs", "tickets");
        await using var bodies = new Bodies();
        for (var number = 0; number < InAll / 2; number++)
            bodies.Add(await SlowBody.Upload(proxy.Address, await Ticket(server)));
        await proxy.Until(() => Taken == InAll / 2);

        var answer = bodies.Add(await SlowBody.Upload(proxy.Address, await Ticket(server))).Answer();
        await LosePatience();

        Assert.StartsWith("HTTP/1.1 503", await answer, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.Created, await Upload(await proxy.NewKey()));
    }

    /// <summary>Of a crowd, too, three may wait for each that may be read.</summary>
    [Fact]
    public async Task Tickets_wait_like_others()
    {
        var server = await proxy.NewCaller("jobs", "tickets");
        await using var bodies = new Bodies();
        for (var number = 0; number < InAll / 2; number++)
            bodies.Add(await SlowBody.Upload(proxy.Address, await Ticket(server)));
        await proxy.Until(() => Taken == InAll / 2);

        for (var number = 0; number < 3 * InAll / 2; number++)
            bodies.Add(await SlowBody.Upload(proxy.Address, await Ticket(server)));

        await proxy.Until(() => proxy.Services.GetRequiredService<BodyPlaces>().Waiting == 3 * InAll / 2);
    }

    [Theory]
    [InlineData("job", "body-too-slow")]
    [InlineData("upload", "upload-too-slow")]
    public async Task A_body_has_minutes_however_well_it_keeps_its_pace(string kind, string code)
    {
        await using var bodies = new Bodies();
        var answer = bodies.Add(await Begin(kind, await proxy.NewKey())).Answer();
        await proxy.Until(() => Taken == 1);

        proxy.Clock.Advance(BodyPlaces.MaxBodyTime);

        Assert.StartsWith("HTTP/1.1 408", await answer, StringComparison.Ordinal);
        Assert.Contains(code, await answer, StringComparison.Ordinal);
        await proxy.Until(() => Taken == 0);
    }

    /// <summary>Its time began with its place, not with the last bytes that came.</summary>
    [Theory]
    [InlineData("job")]
    [InlineData("upload")]
    public async Task A_body_wins_no_time_by_sending_more_of_itself(string kind)
    {
        await proxy.Until(() => (Taken, OnDisk) == (0, 0));
        await using var bodies = new Bodies();
        var body = bodies.Add(await Begin(kind, await proxy.NewKey()));
        await proxy.Until(() => Taken == 1);

        proxy.Clock.Advance(BodyPlaces.MaxBodyTime - TimeSpan.FromSeconds(1));
        await body.Send([.. Enumerable.Repeat((byte)'A', 2 * SlowBody.Begun)]);
        await proxy.Until(() => OnDisk > SlowBody.Begun);
        proxy.Clock.Advance(TimeSpan.FromSeconds(1));

        Assert.StartsWith("HTTP/1.1 408", await body.Answer(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_place_is_given_back_however_the_request_ends()
    {
        using var caller = await proxy.NewCaller();
        foreach (var (input, status) in new[] { ("{}", 422), ("{\"input\":", 400), (new string(' ', 600_000), 413), ("[1]", 400) })
        {
            using var body = new StringContent(input.PadLeft(100_000), System.Text.Encoding.UTF8, "application/json");
            using var reply = await caller.PostAsync("/v1/jobs", body, Cancel);
            Assert.Equal(status, (int)reply.StatusCode);
        }
        await proxy.Until(() => Taken == 0);
    }

    /// <summary>While fal takes its time, or the caller waits for the end, nobody else has to.</summary>
    [Fact]
    public async Task Nobody_holds_a_place_for_a_body_that_was_read()
    {
        var key = await proxy.NewKey();
        using var caller = proxy.With(key);
        var waiting = caller.Call("POST /v1/jobs", With(Picture.Png(400, 400, 200_000)), ("Prefer", "wait=60"));
        await proxy.Until(() => proxy.Fal.Counts.Puts > 0);

        await proxy.Until(() => (Taken, OnDisk) == (0, 0));
        await proxy.TurnUntil(TimeSpan.FromSeconds(1), () =>
        {
            proxy.LetJobsEnd();
            return Task.FromResult(waiting.IsCompleted);
        });
        using var reply = await waiting;
    }

    private Task<SlowBody> Begin(string kind, string key) => kind == "upload" ? SlowBody.Upload(proxy.Address, key) : SlowBody.Job(proxy.Address, key, kind == "chunked job");

    private async Task<HttpStatusCode> Order(string key)
    {
        using var caller = proxy.With(key);
        using var reply = await caller.Call("POST /v1/jobs", With(Picture.Png(400, 400, 200_000)));
        return reply.StatusCode;
    }

    private async Task<HttpStatusCode> Small(string key)
    {
        using var caller = proxy.With(key);
        using var body = new StringContent(Given.Order().ToJsonString().PadRight(BoundedBody.Small), System.Text.Encoding.UTF8, "application/json");
        using var reply = await caller.PostAsync("/v1/jobs", body, Cancel);
        return reply.StatusCode;
    }

    private async Task<HttpStatusCode> Upload(string key)
    {
        using var caller = proxy.With(key);
        using var body = new ByteArrayContent(Picture.Png(400, 400)) { Headers = { ContentType = new MediaTypeHeaderValue("image/png") } };
        using var reply = await caller.PostAsync("/v1/uploads", body, Cancel);
        return reply.StatusCode;
    }

    private static async Task<string> Ticket(HttpClient server) =>
        (await server.Call("POST /v1/tickets", new JsonObject { ["max_cost"] = "10.00", ["origin"] = "https://app.example" }).Json()).Text("ticket") + "\r\nOrigin: https://app.example"; // a page says where it is

    private async Task LosePatience()
    {
        await proxy.Until(() => proxy.Services.GetRequiredService<BodyPlaces>().Waiting == 1);
        proxy.Clock.Advance(BodyPlaces.MaxWait);
    }

    private static JsonObject With(byte[] image)
    {
        var order = Given.Order();
        order["input"]!["image_url"] = $"data:image/png;base64,{Convert.ToBase64String(image)}";
        return order;
    }

    private sealed class Bodies : IAsyncDisposable
    {
        private readonly List<SlowBody> open = [];

        public SlowBody Add(SlowBody body)
        {
            open.Add(body);
            return body;
        }

        public async Task Drop()
        {
            foreach (var body in open)
                await body.DisposeAsync();
            open.Clear();
        }

        public async ValueTask DisposeAsync() => await Drop();
    }

    public sealed class BodyPlacesFixture : TimedFixture
    {
        protected override IEnumerable<(string Name, string Value)> Settings =>
        [
            .. base.Settings,
            ("Limits:LargeBodies", $"{InAll}"),
            ("Limits:LargeBodiesPerCaller", $"{PerCaller}"),
        ];
    }
}
