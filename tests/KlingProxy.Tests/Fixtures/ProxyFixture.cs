using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Runtime.CompilerServices;
using System.Runtime.ExceptionServices;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

using KlingProxy.Access;
using KlingProxy.Fal;
using KlingProxy.Fal.Calls;
using KlingProxy.Ids;
using KlingProxy.Jobs;
using KlingProxy.Sandbox;

using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Mvc.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;

using Serilog;

namespace KlingProxy.Tests.Fixtures;

/// <summary>
/// The whole world of a test: the service on a real port, in Live mode, and a sandbox on another that it takes for fal. Jobs get on only
/// when a test turns the sandbox's clock. Everything that the service answers or logs is searched for the key.
/// </summary>
public class ProxyFixture : WebApplicationFactory<Program>, IAsyncLifetime
{
    /// <summary>fal's key. Wherever these letters turn up outside an Authorization header to fal, it has leaked.</summary>
    public const string CanaryKey = "canary-4f1d7c:do-not-leak-9b2e";

    public const string OperatorKey = "operator-of-the-tests-5b1f";

    /// <summary>Round trips for which a turn waits while a call to fal is in the air: it arrives long before. What is in the air after them is meant to stay there.</summary>
    private const int MaxFlight = 60;

    private int flight;
    private ExceptionDispatchInfo? missing;

    private readonly string folder = Directory.CreateTempSubdirectory("klingproxy-").FullName;

    public string DatabaseFile => Path.Combine(folder, "test.db");

    public FalSandbox Fal { get; private set; } = null!;

    /// <summary>Turns the sandbox's time; the service's own runs as it does.</summary>
    public FakeTimeProvider FalClock { get; } = new(DateTimeOffset.UtcNow);

    /// <summary>What the service has asked fal and has no answer to.</summary>
    public FalTraffic Traffic { get; } = new();

    /// <summary>Every log line of the service.</summary>
    public LogWatch Log { get; } = new(CanaryKey);

    /// <summary>Where the service listens.</summary>
    public Uri Address { get; private set; } = null!;

    /// <summary>Longer than any job takes.</summary>
    public void LetJobsEnd() => FalClock.Advance(TimeSpan.FromMinutes(10));

    /// <summary>Turns the clocks until the job has ended.</summary>
    /// <returns>The job as its caller sees it then.</returns>
    public async Task<JsonElement> End(HttpClient caller, string jobId)
    {
        var job = default(JsonElement);
        await Until(
            async () =>
            {
                Turn();
                job = await caller.Call($"GET /v1/jobs/{jobId}").Json(); // whoever looks has it followed; to wait would be to wait by a clock that may stand still
                return job.GetProperty("ended_at").ValueKind == JsonValueKind.String;
            },
            $"job {jobId} had ended");
        return job;
    }

    /// <summary>The same where a test counts calls.</summary>
    public Task EndUnseen(string jobId) => Until(
        async () =>
        {
            Turn();
            return await Services.GetRequiredService<IJobStore>().Find(new JobId(jobId), TestContext.Current.CancellationToken) is { HasEnded: true };
        },
        $"job {jobId} had ended");

    /// <summary>Turns the clocks until something that a test has begun is done.</summary>
    public async Task<T> End<T>(Task<T> begun, [CallerArgumentExpression(nameof(begun))] string what = "")
    {
        await Until(
            () =>
            {
                if (!begun.IsCompleted)
                    Turn();
                return begun.IsCompleted;
            },
            $"this was done: {what}");
        return await begun;
    }

    /// <summary>Asks again and again, without a pause, until it is so; fails with how everything stands when it is not to be.</summary>
    public async Task Until(Func<Task<bool>> itIsSo, [CallerArgumentExpression(nameof(itIsSo))] string what = "")
    {
        using var anyone = Anyone();
        await Patience.Until(itIsSo, () => anyone.GetAsync("/health/live").Status(), what, Stand); // a round trip gives the service its turn
    }

    public Task Until(Func<bool> itIsSo, [CallerArgumentExpression(nameof(itIsSo))] string what = "") => Until(() => Task.FromResult(itIsSo()), what);

    /// <summary>Lets some time pass for whoever waits for an end: at fal, and in a world with more clocks, there.</summary>
    protected virtual void Turn() => LetJobsEnd();

    /// <summary>Turns a clock of the service's, but not past a call to fal that is on its way.</summary>
    protected void Turn(FakeTimeProvider clock, TimeSpan step)
    {
        if (!Traffic.IsClear && ++flight < MaxFlight)
            return;
        flight = 0;
        clock.Advance(step);
    }

    /// <summary>How everything stands.</summary>
    public Task<string> Stand() => Situation.Of(this, Clocks);

    protected virtual IEnumerable<(string Whose, DateTimeOffset Now, DateTimeOffset Start)> Clocks => [("fal's", FalClock.GetUtcNow(), FalClock.Start)];

    /// <summary>How often fal was asked to make this video; orders of <see cref="Given.Order"/> can be told apart.</summary>
    public int SubmitsOf(JsonNode order) => Fal.Received.Count(call =>
        call.Operation == SandboxOperation.Submit && Encoding.UTF8.GetString(call.BodyStart.Span).Contains(Prompt(order), StringComparison.Ordinal));

    /// <summary>The same job as fal has it.</summary>
    public SandboxJob AtFal(JsonNode order) => Assert.Single(Fal.Jobs, job => job.Input.Contains(Prompt(order), StringComparison.Ordinal));

    public virtual async ValueTask InitializeAsync()
    {
        TestLimitAttribute.Witnesses[this] = Stand;
        Fal = await StartFal();
        UseKestrel(0);
        using var first = CreateClient();
        Address = first.BaseAddress!;
        if (IsPublic) // the port is known only now
            Services.GetRequiredService<IOptions<AccessOptions>>().Value.PublicUrl = Address;
    }

    /// <summary>What this world stands on may be missing: then there is no world, and a test that calls into it is skipped for that reason.</summary>
    protected async Task<bool> Finds(Func<Task> what)
    {
        try
        {
            await what();
        }
        catch (Exception skip) when (skip is Xunit.Sdk.SkipException)
        {
            missing = ExceptionDispatchInfo.Capture(skip);
        }
        return !IsMissing;
    }

    protected bool IsMissing => missing is not null;

    /// <summary>A twin of fal for this world alone; replicas share one.</summary>
    protected virtual Task<FalSandbox> StartFal() => FalSandbox.Start(FalOptions);

    protected virtual SandboxOptions FalOptions => new() { Key = CanaryKey, Clock = FalClock, FilmsFromImage = false };

    /// <summary>Settings that differ from the usual, as an operator would write them, with colons.</summary>
    protected virtual IEnumerable<(string Name, string Value)> Settings => [];

    /// <summary>The service's clock; the machine's unless a fixture turns its own.</summary>
    protected virtual TimeProvider Time => TimeProvider.System;

    /// <summary>Whether <c>PublicUrl</c> is set, to the service's own address, so that fal can call.</summary>
    protected virtual bool IsPublic => false;

    protected override void ConfigureWebHost(IWebHostBuilder builder)
    {
        (string Name, string Value)[] usual =
        [
            ("urls", "http://127.0.0.1:0"),
            ("FAL_KEY", CanaryKey),
            ("Fal:QueueUrl", Fal.Url.AbsoluteUri),
            ("Fal:RestUrl", Fal.Url.AbsoluteUri),
            ("Fal:MediaHosts:0", Fal.Url.Authority),
            ("Access:OperatorKey", OperatorKey),
            ("Limits:RequestsPerMinute", "1000000"), // tests ask without a pause, and some clocks stand still
            ("Limits:OpenStreamsPerCaller", "1000"),
            ("Limits:InFlight", "10000"), // callers of all tests of a class, whose jobs stand still
            ("Limits:InFlightPerCaller", "10000"),
            ("Limits:UploadsPerCallerPerDay", "1000000"),
            ("Limits:UploadBytesPerCallerPerDay", "1000000000000"),
            ("Budget:PerDay", "1000000"),
            ("Budget:PerCallerPerDay", "1000000"),
            ("Budget:AnonymousPerDay", "1000000"),
            ("Storage:Sqlite", DatabaseFile),
            ("Jobs:PollInterval", "00:00:00.100"),
            ("Jobs:SweepInterval", "00:00:00.050"),
        ];
        builder.UseEnvironment("Production");
        foreach (var (name, value) in usual.Concat(Settings))
            builder.UseSetting(name, value);
        builder.ConfigureServices(services => services
            .AddSingleton(Time)
            .AddKeyedSingleton<HttpMessageHandler>(FalHttp.Wire, (provider, _) =>
            {
                Traffic.InnerHandler = FalHttp.Sockets(provider.GetRequiredService<IOptions<FalOptions>>().Value);
                return Traffic;
            })
            .AddSerilog(log => log.MinimumLevel.Debug().WriteTo.Sink(Log), preserveStaticLogger: true)); // or worlds side by side would log into one another
    }

    /// <summary>A client without a credential that fails the test when an answer holds the key.</summary>
    public HttpClient Anyone()
    {
        missing?.Throw();
        var wire = new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            UseProxy = false,
            RequestHeaderEncodingSelector = (_, _) => Encoding.UTF8, // a test may send what a polite client would not
        };
        return new(new CanaryWatch(CanaryKey, Stand) { InnerHandler = wire }) { BaseAddress = Address, Timeout = Timeout.InfiniteTimeSpan }; // the watch ends it, in better words
    }

    public HttpClient Operator() => With(OperatorKey);

    public HttpClient With(string secret)
    {
        var client = Anyone();
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", secret);
        return client;
    }

    /// <summary>A new caller, with a key of their own.</summary>
    public async Task<HttpClient> NewCaller(params string[] scopes) => With(await NewKey(scopes));

    public async Task<string> NewKey(params string[] scopes)
    {
        using var client = Operator();
        using var reply = await client.PostAsJsonAsync("/v1/keys", new { name = "a caller", scopes = scopes is [] ? ["jobs"] : scopes });
        return (await reply.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("key").GetString()!;
    }

    private static string Prompt(JsonNode order) => order["input"]!["prompt"]!.GetValue<string>();

    public override async ValueTask DisposeAsync()
    {
        TestLimitAttribute.Witnesses.TryRemove(this, out _);
        await base.DisposeAsync();
        if (Fal is not null)
            await Fal.DisposeAsync();
        Directory.Delete(folder, recursive: true);
        GC.SuppressFinalize(this);
        Log.AssertClean();
    }
}
