using System.Globalization;

using KlingProxy.Sandbox;
using KlingProxy.Tests.Fixtures;

namespace KlingProxy.Tests.Crash;

/// <summary>One fal that survives everything, one database, one address, and replicas that die.</summary>
internal sealed class CrashDeployment : IAsyncDisposable
{
    /// <summary>How much faster than the wall everybody's time is: fal's, and that of every process.</summary>
    private const int Speed = 20;

    /// <summary>In real time, on a machine with much other work: two starts, and two dozen wishes.</summary>
    private static readonly TimeSpan MaxDeath = TimeSpan.FromMinutes(6);

    private readonly DateTimeOffset since = DateTimeOffset.UtcNow;
    private readonly Replica?[] replicas;
    private readonly List<Replica> all = [];

    private CrashDeployment(CrashStore store, int replicas, int number)
    {
        Store = store;
        this.replicas = new Replica?[replicas];
        Load = new Load(Door.Address, number);
    }

    public CrashStore Store { get; }

    public FrontDoor Door { get; } = new();

    public Load Load { get; }

    public FalSandbox Fal { get; private set; } = null!;

    public static async Task<CrashDeployment> Begin(CrashStore store, int replicas, int number)
    {
        var world = new CrashDeployment(store, replicas, number);
        var time = new AcceleratedTime(Speed, world.since);
        world.Fal = await FalSandbox.Start(new SandboxOptions
        {
            Key = ProxyFixture.CanaryKey,
            Clock = time,
            Wall = time,
            QueueTime = TimeSpan.FromSeconds(10),
            RunTime = TimeSpan.FromSeconds(20),
            FilmsFromImage = false,
            BillsCancelledRuns = true,
        });
        return world;
    }

    /// <summary>One of them shall die, at a label or, when nobody passes that, wherever it is; the others live.</summary>
    /// <param name="whileStarting">It shall be one that starts now; otherwise it is, where there are several, one that has been there for a while.</param>
    /// <param name="patience">How many wishes to wait for it.</param>
    /// <returns>The one that died.</returns>
    public async Task<Replica> KillOne((string Label, int Passage)? where, bool whileStarting, int patience)
    {
        var which = Array.FindIndex(replicas, replica => replica is { IsAlive: true } != whileStarting);
        which = which < 0 ? 0 : which;
        for (var other = 0; other < replicas.Length; other++)
            if (other != which)
                Ensure(other);

        var victim = replicas[which];
        if (victim is not { IsAlive: true })
            victim = Start(which, where);
        else if (where is var (label, passage))
            victim.Arm(label, passage);

        await await Task.WhenAny(victim.Gone, Load.After(patience)).Within("a victim died or its callers had waited long enough", () => Task.FromResult(Log), MaxDeath);
        if (victim.IsAlive)
            await victim.Kill();
        else
            Assert.True(victim.DiedAt is not null, $"A replica ended by itself:\n{victim.Log}");
        return victim;
    }

    /// <summary>Everybody lives, nobody wants anything new, and all that was begun comes to its end.</summary>
    /// <returns>False when something is stuck.</returns>
    public async Task<bool> Settle(TimeSpan atMost)
    {
        for (var which = 0; which < replicas.Length; which++)
            Ensure(which);
        await Load.Stop().Within("everybody had heard what they may hear", () => Task.FromResult(Log));

        using var anyone = new HttpClient { BaseAddress = Door.Address };
        using var patience = new CancellationTokenSource(atMost);
        while (!new Verdict(await DatabaseSnapshot.Open(Store), this).IsSettled)
        {
            if (patience.IsCancellationRequested)
                return false;
            using var roundTrip = await anyone.GetAsync("/health/ready", TestContext.Current.CancellationToken); // gives the service its turn
        }
        return true;
    }

    /// <summary>The log of everyone who ever lived here.</summary>
    public string Log => string.Join("\n--- dead ---\n", all.Select(replica => replica.Log));

    public async ValueTask DisposeAsync()
    {
        foreach (var replica in all)
            await replica.DisposeAsync();
        Load.Dispose();
        await Door.DisposeAsync();
        await Fal.DisposeAsync();
        Store.Folder?.Delete(recursive: true);
    }

    private void Ensure(int which)
    {
        if (replicas[which] is not { IsAlive: true })
            Start(which, null);
    }

    private Replica Start(int which, (string Label, int Passage)? where)
    {
        var replica = replicas[which] = Replica.Start(Environment, where?.Label, where?.Passage ?? 1);
        all.Add(replica);
        _ = Receive(replica);
        return replica;
    }

    private async Task Receive(Replica replica)
    {
        if (await replica.Listening is not { } address)
            return;
        Door.Open(address);
        await replica.Gone;
        Door.Close(address);
    }

    private IEnumerable<(string Name, string Value)> Environment =>
    [
        Store.Setting,
        ("FAL_KEY", ProxyFixture.CanaryKey),
        ("Fal__QueueUrl", Fal.Url.AbsoluteUri),
        ("Fal__RestUrl", Fal.Url.AbsoluteUri),
        ("Fal__MediaHosts__0", Fal.Url.Authority),
        ("Fal__ReadTimeout", "00:01:00"),
        ("Fal__SubmitTimeout", "00:01:20"), // fal's longest pause is a minute
        ("Fal__StartTimeout", "00:01:30"),
        ("Access__OperatorKey", ProxyFixture.OperatorKey),
        ("Limits__OpenStreamsPerCaller", "1000"), // all the load is one caller's, and who watches an unconfirmed job watches long
        ("Limits__RequestsPerMinute", "1000000"),
        ("Limits__InFlight", "10000"),
        ("Limits__InFlightPerCaller", "10000"),
        ("Budget__PerDay", "1000000"),
        ("Budget__PerCallerPerDay", "1000000"),
        ("PublicUrl", Door.Address.AbsoluteUri),
        ("Jobs__WebhookGrace", "00:00:30"),
        ("Jobs__SweepInterval", "00:00:02"),
        ("Jobs__SubmitWait", "00:00:05"),
        ("Jobs__VerdictDeadline", "00:01:00"),
        ("CRASH_TIME_SPEED", Speed.ToString(CultureInfo.InvariantCulture)),
        ("CRASH_TIME_SINCE", since.ToString("O", CultureInfo.InvariantCulture)),
        ("DOTNET_TieredPGO", "0"), // nobody lives long enough to profit
    ];
}
