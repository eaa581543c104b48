using System.Diagnostics;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

using KlingProxy.Access;
using KlingProxy.Sandbox;

using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Mvc.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;

using Serilog;

namespace KlingProxy.Tests;

/// <summary>
/// The whole world of a test: the service on a real port, in Live mode, and a sandbox on another that it takes for fal. Jobs get on only
/// when a test turns the sandbox's clock. Everything that the service answers or logs is searched for the key.
/// </summary>
public class ProxyFixture : WebApplicationFactory<Program>, IAsyncLifetime
{
    /// <summary>fal's key. Wherever these letters turn up outside an Authorization header to fal, it has leaked.</summary>
    public const string CanaryKey = "canary-4f1d7c:do-not-leak-9b2e";

    public const string OperatorKey = "operator-of-the-tests-5b1f";

    /// <summary>So that what never happens is a failure, and not a run that hangs; no test takes a tenth of it.</summary>
    private static readonly TimeSpan Forever = TimeSpan.FromMinutes(2);

    private readonly string folder = Directory.CreateTempSubdirectory("klingproxy-").FullName;

    public string DatabaseFile => Path.Combine(folder, "test.db");

    public FalSandbox Fal { get; private set; } = null!;

    /// <summary>Turns the sandbox's time; the service's own runs as it does.</summary>
    public FakeTimeProvider FalClock { get; } = new(DateTimeOffset.UtcNow);

    /// <summary>Every log line of the service.</summary>
    public LogWatch Log { get; } = new(CanaryKey);

    /// <summary>Where the service listens.</summary>
    public Uri Address { get; private set; } = null!;

    /// <summary>Longer than any job takes.</summary>
    public void LetJobsEnd() => FalClock.Advance(TimeSpan.FromMinutes(10));

    /// <summary>Turns fal's clock until the job has ended.</summary>
    /// <returns>The job as its caller sees it then.</returns>
    public async Task<JsonElement> End(HttpClient caller, string jobId)
    {
        var job = default(JsonElement);
        await Until(async () =>
        {
            LetJobsEnd();
            job = await caller.Call($"GET /v1/jobs/{jobId}").Json(); // whoever looks has it followed; to wait would be to wait by a clock that may stand still
            return job.GetProperty("ended_at").ValueKind == JsonValueKind.String;
        });
        return job;
    }

    /// <summary>Turns fal's clock until something that a test has begun is done.</summary>
    public async Task<T> End<T>(Task<T> begun)
    {
        using var anyone = Anyone();
        while (!begun.IsCompleted)
        {
            LetJobsEnd();
            using var roundTrip = await anyone.GetAsync("/health/live"); // gives the service its turn
        }
        return await begun;
    }

    /// <summary>Asks again and again, without a pause, until it is so.</summary>
    public async Task Until(Func<Task<bool>> itIsSo, [CallerArgumentExpression(nameof(itIsSo))] string what = "")
    {
        using var anyone = Anyone();
        var since = Stopwatch.StartNew();
        while (!await itIsSo())
        {
            TestContext.Current.CancellationToken.ThrowIfCancellationRequested();
            Assert.True(since.Elapsed < Forever, $"It never came to be that {what}");
            using var roundTrip = await anyone.GetAsync("/health/live");
        }
    }

    public Task Until(Func<bool> itIsSo, [CallerArgumentExpression(nameof(itIsSo))] string what = "") => Until(() => Task.FromResult(itIsSo()), what);

    /// <summary>How often fal was asked to make this video; orders of <see cref="Given.Order"/> can be told apart.</summary>
    public int SubmitsOf(JsonNode order) => Fal.Received.Count(call =>
        call.Operation == SandboxOperation.Submit && Encoding.UTF8.GetString(call.BodyStart.Span).Contains(Prompt(order), StringComparison.Ordinal));

    /// <summary>The same job as fal has it.</summary>
    public SandboxJob AtFal(JsonNode order) => Assert.Single(Fal.Jobs, job => job.Input.Contains(Prompt(order), StringComparison.Ordinal));

    public virtual async ValueTask InitializeAsync()
    {
        Fal = await StartFal();
        UseKestrel(0);
        using var first = CreateClient();
        Address = first.BaseAddress!;
        if (IsPublic) // the port is known only now
            Services.GetRequiredService<IOptions<AccessOptions>>().Value.PublicUrl = Address;
    }

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
            ("FAL_KEY", CanaryKey),
            ("Fal:QueueUrl", Fal.Url.AbsoluteUri),
            ("Fal:RestUrl", Fal.Url.AbsoluteUri),
            ("Fal:MediaHosts:0", Fal.Url.Authority),
            ("Access:OperatorKey", OperatorKey),
            ("Limits:RequestsPerMinute", "1000000"), // tests ask without a pause, and some clocks stand still
            ("Limits:OpenStreamsPerCaller", "1000"),
            ("Limits:InFlight", "10000"), // callers of all tests of a class, whose jobs stand still
            ("Limits:InFlightPerCaller", "10000"),
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
            .AddSerilog(log => log.MinimumLevel.Debug().WriteTo.Sink(Log), preserveStaticLogger: true)); // or worlds side by side would log into one another
    }

    /// <summary>A client without a credential that fails the test when an answer holds the key.</summary>
    public HttpClient Anyone() => new(new CanaryWatch(CanaryKey)
    {
        InnerHandler = new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            UseProxy = false,
            RequestHeaderEncodingSelector = (_, _) => Encoding.UTF8, // a test may send what a polite client would not
        },
    })
    { BaseAddress = Address };

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
        await base.DisposeAsync();
        await Fal.DisposeAsync();
        Directory.Delete(folder, recursive: true);
        GC.SuppressFinalize(this);
        Log.AssertClean();
    }
}
