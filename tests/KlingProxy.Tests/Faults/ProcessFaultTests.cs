using System.Diagnostics;
using System.Globalization;
using System.Runtime.CompilerServices;

using KlingProxy.Sandbox;
using KlingProxy.Tests.EndToEnd;
using KlingProxy.Tests.Fixtures;

using Microsoft.Extensions.Time.Testing;

namespace KlingProxy.Tests.Faults;

/// <summary>The service as its own process, killed, stopped and starved; and what the next start makes of it.</summary>
public sealed class ProcessFaultTests : IDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("klingproxy-faults-");
    private readonly int port = FreePort.Next();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private string File => Path.Combine(folder.FullName, "jobs.db");

    public void Dispose() => folder.Delete(recursive: true);

    [Fact]
    public async Task X01_a_kill_before_the_POST_leaves_a_job_that_the_next_start_sends_once()
    {
        var falPort = FreePort.Next();
        string id;
        await using (var first = await Start($"http://127.0.0.1:{falPort}", ("Jobs__SubmitWait", "00:00:00"), ("Jobs__SweepInterval", "00:01:00")))
        {
            id = (await first.Client.Create()).Text("id"); // nobody listens at fal's address
            await Until(first, () => LedgerOf.Document(File, id).Contains("\"unsent_attempts\":1", StringComparison.Ordinal)); // the next try is a minute away
            await first.Kill(Cancel);
        }
        Assert.Equal(LedgerOf.Held, LedgerOf.In(File, id));

        await using var fal = await FalSandbox.Start(new SandboxOptions { Port = falPort, Key = ProxyFixture.CanaryKey, Clock = new AcceleratedTime(200), FilmsFromImage = false }, Cancel);
        await using var second = await Start(fal.Url.AbsoluteUri);
        var job = await second.Client.Ended(id);

        Assert.Equal(("completed", "2.10", 1, 2.10m), (job.Text("status"), job.Text("cost"), fal.Counts.Submits, fal.Billed.Amount));
        Assert.Equal(LedgerOf.Paid, LedgerOf.In(File, id));
    }

    [Fact]
    public async Task X02_a_kill_after_the_POST_never_sends_it_again_and_the_webhook_brings_the_video()
    {
        var (fal, clock) = await StartFal();
        await using var stopping = fal;
        string id;
        await using (var first = await StartPublic(fal, ("Jobs__SubmitWait", "00:00:00")))
        {
            id = (await first.Client.Create(Given.OrderThat("holds-reply"))).Text("id");
            await Until(first, () => fal.Jobs.Count == 1);
            await first.Kill(Cancel); // between fal's having it and our knowing its name
        }

        await using var second = await StartPublic(fal);
        await Until(second, () => Turned(clock, () => fal.Deliveries.Any(delivery => delivery.Status == 200)));
        var job = await second.Client.Ended(id);

        Assert.Equal(("completed", "2.10", 1, 2.10m), (job.Text("status"), job.Text("cost"), fal.Counts.Submits, fal.Billed.Amount));
        Assert.Equal(LedgerOf.Paid, LedgerOf.In(File, id));
    }

    [Fact]
    public async Task X02_whoever_was_waiting_when_the_process_died_asks_again_and_gets_the_same_video()
    {
        var (fal, clock) = await StartFal();
        await using var stopping = fal;
        var order = Given.OrderThat("holds-reply");
        await using (var first = await StartPublic(fal))
        {
            var waiting = first.Client.Create(order);
            await Until(first, () => fal.Jobs.Count == 1);
            await first.Kill(Cancel);
            await Assert.ThrowsAnyAsync<HttpRequestException>(() => waiting);
        }

        await using var second = await StartPublic(fal);
        using var again = await second.Client.Call("POST /v1/jobs", order);
        Assert.Equal((202, "true"), ((int)again.StatusCode, Assert.Single(again.Headers.GetValues("Idempotent-Replayed"))));
        await Until(second, () => Turned(clock, () => fal.Deliveries.Any(delivery => delivery.Status == 200)));
        var job = await second.Client.Ended((await again.Json()).Text("id"));

        Assert.Equal(("completed", 1, 2.10m), (job.Text("status"), fal.Counts.Submits, fal.Billed.Amount));
    }

    [Fact]
    public async Task X16_a_webhook_that_comes_during_a_restart_comes_again()
    {
        var (fal, clock) = await StartFal();
        await using var stopping = fal;
        string id;
        await using (var first = await StartPublic(fal))
        {
            id = (await first.Client.Create()).Text("id");
            Assert.Equal(0, await first.Terminate(Cancel));
        }
        await UntilDelivered(fal, clock); // to nobody

        await using var second = await StartPublic(fal);
        await Until(second, () => Turned(clock, () => fal.Deliveries.Any(delivery => delivery.Status == 200)));
        var job = await second.Client.GetAsync($"/v1/jobs/{id}", Cancel).Json();

        Assert.Null(fal.Deliveries[0].Status);
        Assert.Equal(("completed", "2.10", 1, 2.10m), (job.Text("status"), job.Text("cost"), fal.Counts.Submits, fal.Billed.Amount));
        Assert.Equal(LedgerOf.Paid, LedgerOf.In(File, id));
    }

    [Fact]
    public async Task X19_a_full_disk_refuses_new_jobs_before_anything_is_spent_and_goes_on_reading()
    {
        Component.Require(Component.Has("prlimit"), "prlimit");
        var (fal, clock) = await StartFal();
        await using var stopping = fal;
        await using var proxy = await Start(fal.Url.AbsoluteUri);
        var id = (await proxy.Client.Create()).Text("id");
        var refused = Given.Order();

        await LimitFiles(proxy, "0"); // every write to a file fails, as where no byte is left
        using (var reply = await proxy.Client.Call("POST /v1/jobs", refused))
        {
            Assert.NotNull(reply.Headers.RetryAfter);
            await Task.FromResult(reply).Refused(503, "database-unavailable");
        }
        Assert.Equal(("queued", 503), ((await proxy.Client.GetAsync($"/v1/jobs/{id}", Cancel).Json()).Text("status"), await proxy.Client.Call("GET /health/ready").Status()));
        Assert.Equal(1, fal.Counts.Submits);

        clock.Advance(TimeSpan.FromMinutes(5)); // meanwhile the video is made
        await LimitFiles(proxy, "unlimited");
        var later = (await proxy.Client.Create(refused)).Text("id");
        Assert.Equal(("completed", LedgerOf.Paid), ((await proxy.Client.Ended(id)).Text("status"), LedgerOf.In(File, id)));
        clock.Advance(TimeSpan.FromMinutes(5));
        Assert.Equal(("completed", LedgerOf.Paid), ((await proxy.Client.Ended(later)).Text("status"), LedgerOf.In(File, later)));
        Assert.Equal((2, 4.20m), (fal.Counts.Submits, fal.Billed.Amount));
    }

    [Fact]
    public async Task X21_SIGTERM_in_the_middle_of_everything_loses_nothing()
    {
        var (fal, clock) = await StartFal();
        await using var stopping = fal;
        string running, inTheAir;
        await using (var first = await Start(fal.Url.AbsoluteUri))
        {
            running = (await first.Client.Create()).Text("id");
            var watching = first.Client.AllEvents(running);
            var waiting = first.Client.Call($"GET /v1/jobs/{running}", null, ("Prefer", "wait=60")).Json();
            var creating = first.Client.Create(Given.OrderThat("holds-reply"));
            await Until(first, () => fal.Jobs.Count == 2);

            var ending = first.Terminate(Cancel);
            Assert.Equal("queued", (await watching).Statuses().Last()); // the stream was closed: the client comes back to whoever listens then
            Assert.Equal("queued", (await waiting).Text("status"));
            clock.Advance(TimeSpan.FromMinutes(1)); // fal answers what is in the air
            var created = await creating;
            inTheAir = created.Text("id");
            Assert.Contains(created.Text("status"), new[] { "submitting", "queued" });
            Assert.Equal(0, await ending);
        }

        await using var second = await Start(fal.Url.AbsoluteUri);
        clock.Advance(TimeSpan.FromMinutes(5));
        foreach (var id in new[] { running, inTheAir })
            Assert.Equal(("completed", LedgerOf.Paid), ((await second.Client.Ended(id)).Text("status"), LedgerOf.In(File, id)));
        Assert.Equal((2, 4.20m), (fal.Counts.Submits, fal.Billed.Amount));
    }

    [Fact]
    public async Task X21_SIGTERM_does_not_wait_for_a_fal_that_says_nothing()
    {
        var (fal, clock) = await StartFal();
        await using var stopping = fal;
        string id;
        await using (var first = await StartPublic(fal, ("Jobs__SubmitWait", "00:00:00")))
        {
            id = (await first.Client.Create(Given.OrderThat("holds-reply"))).Text("id");
            await Until(first, () => fal.Jobs.Count == 1);
            Assert.Equal(0, await first.Terminate(Cancel)); // fal's clock stands still
        }

        await using var second = await StartPublic(fal);
        await Until(second, () => Turned(clock, () => fal.Deliveries.Any(delivery => delivery.Status == 200)));

        Assert.Equal(("completed", 1, 2.10m), ((await second.Client.Ended(id)).Text("status"), fal.Counts.Submits, fal.Billed.Amount));
    }

    private static async Task<(FalSandbox Fal, FakeTimeProvider Clock)> StartFal()
    {
        var clock = new FakeTimeProvider(DateTimeOffset.UtcNow);
        return (await FalSandbox.Start(new SandboxOptions { Key = ProxyFixture.CanaryKey, Clock = clock, FilmsFromImage = false }, Cancel), clock);
    }

    private Task<ProxyProcess> StartPublic(FalSandbox fal, params (string Name, string Value)[] more) =>
        Start(fal.Url.AbsoluteUri, [("PublicUrl", $"http://localhost:{port}"), .. more]);

    private Task<ProxyProcess> Start(string fal, params (string Name, string Value)[] more)
    {
        var settings = new Dictionary<string, string>
        {
            ["FAL_KEY"] = ProxyFixture.CanaryKey,
            ["Fal__QueueUrl"] = fal,
            ["Fal__RestUrl"] = fal,
            ["Fal__MediaHosts__0"] = new Uri(fal).Authority,
            ["Access__Anonymous"] = "true",
            ["Budget__AnonymousPerDay"] = "100",
            ["Storage__Sqlite"] = File,
            ["Jobs__PollInterval"] = "00:00:00.500",
            ["Jobs__SweepInterval"] = "00:00:00.500",
        };
        foreach (var (name, value) in more)
            settings[name] = value;
        return ProxyProcess.Start(settings, Cancel, port);
    }

    private static Task Until(ProxyProcess proxy, Func<bool> itIsSo, [CallerArgumentExpression(nameof(itIsSo))] string what = "") => Patience.Until(
        () => Task.FromResult(itIsSo()),
        async () => Assert.Equal(200, await proxy.Client.Call("GET /health/live").Status()),
        what,
        () => Task.FromResult(proxy.Output));

    private static async Task UntilDelivered(FalSandbox fal, FakeTimeProvider clock)
    {
        using var anyone = new HttpClient();
        await Patience.Until(
            () => Task.FromResult(Turned(clock, () => fal.Deliveries.Count > 0)),
            () => anyone.GetAsync(new Uri(fal.Url, "/.well-known/jwks.json"), Cancel).Status(), // gives the sandbox its turn
            "fal had delivered");
    }

    private static bool Turned(FakeTimeProvider clock, Func<bool> itIsSo)
    {
        clock.Advance(TimeSpan.FromSeconds(5));
        return itIsSo();
    }

    private static async Task LimitFiles(ProxyProcess proxy, string bytes)
    {
        using var prlimit = Process.Start("prlimit", ["--pid", proxy.Id.ToString(CultureInfo.InvariantCulture), $"--fsize={bytes}:unlimited"]);
        await prlimit.WaitForExitAsync(Cancel).Within();
        Assert.Equal(0, prlimit.ExitCode);
    }
}
