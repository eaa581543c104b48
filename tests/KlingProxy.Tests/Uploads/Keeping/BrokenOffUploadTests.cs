using System.Net.Http.Headers;
using System.Text.Json.Nodes;

using KlingProxy.Fal;
using KlingProxy.Fal.Calls;
using KlingProxy.Tests.Access.Limits;
using KlingProxy.Tests.Fixtures;
using KlingProxy.Tests.Uploads.Formats;

using Microsoft.AspNetCore.Hosting;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace KlingProxy.Tests.Uploads.Keeping;

/// <summary>What came to nothing is not counted, however it ended; what fal may have is, or whoever hangs up in time would store without end.</summary>
public sealed class BrokenOffUploadTests(BrokenOffUploadTests.BrokenOffFixture proxy) : IClassFixture<BrokenOffUploadTests.BrokenOffFixture>
{
    private const int PerDay = 2, Length = 200_000;

    private static int images;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(Station.BeforePlace)]
    [InlineData(Station.BeforeBytes)]
    [InlineData(Station.WithinBytes)]
    public async Task Is_not_counted_where_fal_cannot_have_it(Station at)
    {
        var secret = await proxy.NewKey();
        for (var number = 0; number < PerDay; number++)
            await BreakOff(secret, at);

        using var caller = proxy.With(secret);
        await proxy.Until(async () => await Upload(caller) == 201);
    }

    [Fact]
    public async Task Is_counted_where_fal_may_have_it()
    {
        var secret = await proxy.NewKey();
        for (var number = 0; number < PerDay; number++)
            await BreakOff(secret, Station.BehindBytes);
        await proxy.Until(() => proxy.Traffic.IsClear);

        using var caller = proxy.With(secret);
        Assert.Equal(429, await Upload(caller));
    }

    [Fact]
    public async Task Is_counted_where_fal_has_it_and_its_caller_may_not()
    {
        using var boss = proxy.Operator();
        var made = await boss.Call("POST /v1/keys", new JsonObject { ["name"] = "a caller", ["scopes"] = new JsonArray("jobs") }).Json();
        var image = NewImage(123_457);
        var stored = proxy.Wire.StopAt(Station.BehindBytes);
        using var caller = proxy.With(made.GetProperty("key").GetString()!);
        var uploading = Upload(caller, image);
        await stored.Reached.Within();

        await boss.Call($"DELETE /v1/keys/{made.GetProperty("id").GetString()!}").Status();
        stored.GoOn();

        Assert.Equal(401, await uploading);
        Assert.Equal(1, Counted(image.Length));
    }

    private async Task BreakOff(string secret, Station at)
    {
        var image = NewImage(Length);
        var stopped = proxy.Wire.StopAt(at);
        await using (await SlowBody.Begin(proxy.Address, "POST /v1/uploads", secret, "image/png", image, image.Length))
            await stopped.Reached.Within();
        await stopped.Ended.Within();
    }

    private long Counted(long bytes)
    {
        using var database = new SqliteConnection($"Data Source={proxy.DatabaseFile};Mode=ReadOnly;Pooling=false");
        database.Open();
        using var command = database.CreateCommand();
        command.CommandText = "SELECT COALESCE(SUM(uploads), 0) FROM upload_use WHERE bytes = $bytes";
        command.Parameters.AddWithValue("$bytes", bytes);
        return (long)command.ExecuteScalar()!;
    }

    private static async Task<int> Upload(HttpClient caller, byte[]? image = null)
    {
        using var content = new ByteArrayContent(image ?? NewImage(1000)) { Headers = { ContentType = new MediaTypeHeaderValue("image/png") } };
        using var reply = await caller.PostAsync("/v1/uploads", content, Cancel);
        return (int)reply.StatusCode;
    }

    /// <summary>One that nobody has sent before.</summary>
    private static byte[] NewImage(int length)
    {
        var number = (uint)Interlocked.Increment(ref images);
        return Picture.Png(400 + (number % 300), 400 + (number / 300), length);
    }

    /// <summary>Where an upload stands still on its way to fal.</summary>
    public enum Station
    {
        BeforePlace,
        BeforeBytes,
        WithinBytes,
        BehindBytes,
    }

    /// <summary>The wire to fal, on which one call stands still.</summary>
    public sealed class StuckWire : DelegatingHandler
    {
        private Stuck? next;

        internal Stuck StopAt(Station at) => next = new Stuck(at);

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            if (next is not { } stuck || request.Method != (stuck.At == Station.BeforePlace ? HttpMethod.Post : HttpMethod.Put))
                return await base.SendAsync(request, cancellationToken);

            next = null;
            try
            {
                if (stuck.At == Station.WithinBytes)
                    await request.Content!.CopyToAsync(new FullConnection(stuck), cancellationToken);
                if (stuck.At != Station.BehindBytes)
                    await stuck.Here(cancellationToken);
                var reply = await base.SendAsync(request, cancellationToken);
                await stuck.Here(cancellationToken);
                return reply;
            }
            finally
            {
                stuck.End();
            }
        }
    }

    internal sealed class Stuck(Station at)
    {
        private readonly TaskCompletionSource reached = New(), ended = New(), goesOn = New();

        public Station At => at;

        public Task Reached => reached.Task;

        /// <summary>Whoever had called has given up, or has its reply.</summary>
        public Task Ended => ended.Task;

        public Task Here(CancellationToken cancel)
        {
            reached.TrySetResult();
            return goesOn.Task.WaitAsync(cancel);
        }

        public void GoOn() => goesOn.SetResult();

        public void End() => ended.TrySetResult();

        private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    /// <summary>Takes one piece, and no more.</summary>
    private sealed class FullConnection(Stuck stuck) : MemoryStream
    {
        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) =>
            Length == 0 ? base.WriteAsync(buffer, cancellationToken) : new ValueTask(stuck.Here(cancellationToken));
    }

    public sealed class BrokenOffFixture : TimedFixture
    {
        public StuckWire Wire { get; } = new();

        protected override IEnumerable<(string Name, string Value)> Settings => [.. base.Settings, ("Limits:UploadsPerCallerPerDay", $"{PerDay}")];

        protected override void ConfigureWebHost(IWebHostBuilder builder)
        {
            base.ConfigureWebHost(builder);
            builder.ConfigureServices(services => services.AddKeyedSingleton<HttpMessageHandler>(FalHttp.Wire, (provider, _) =>
            {
                Traffic.InnerHandler = FalHttp.Sockets(provider.GetRequiredService<IOptions<FalOptions>>().Value);
                Wire.InnerHandler = Traffic;
                return Wire;
            }));
        }
    }
}
