using System.Globalization;

using KlingProxy.Bench.Load;
using KlingProxy.Bench.Reporting;
using KlingProxy.Bench.Servers;

namespace KlingProxy.Bench.Scenarios;

/// <summary>What one process carries on SQLite, and one, two and four of them on one PostgreSQL, whose writers take turns: creates, and the ends of jobs.</summary>
internal sealed class Replicas : IScenario
{
    private const int Callers = 64, Senders = 32;

    private const string Creates = "creates a second", Ends = "ends of jobs a second", Cpu = "CPU of the service per job, µs",
        DatabaseCpu = "CPU of PostgreSQL per job, µs", Syncs = "fsyncs of its log per job", Wait = "create: median wait, ms";

    public string Name => "replicas";

    public string Title => "Jobs on SQLite, and through 1, 2 and 4 replicas on PostgreSQL";

    public string? Lacks => Postgres.Binaries is null ? "PostgreSQL (Debian package postgresql)" : null;

    public async Task Run(World world, Tally tally)
    {
        await using var fal = await FalStandIn.Start();
        int[] counts = [0, 1, 2, 4]; // none: one process on SQLite
        tally.Order(counts.Select(NameOf));
        var folder = Path.Combine(world.Root, "artifacts/bench", "replicas"); // its server runs as another user, who may not enter the scenario's own
        await using (var postgres = await Postgres.Start(folder))
            for (var round = 0; round < world.Scale.Rounds; round++)
                foreach (var replicas in world.Shuffled(counts))
                    await Measure(world, tally, fal, replicas == 0 ? null : postgres, replicas);
        Directory.Delete(folder, recursive: true);
        tally.Note("64 callers, each with a key of their own, spread over the replicas; then 32 deliveries of fal's at a time, each verified, its result fetched and its job ended. "
            + "Every turn has an empty database. Everything, this program and PostgreSQL too, runs on the same cores, so more replicas have no more of them: what is "
            + "to be seen is whether they get into each other's way. " + Postgres.Remark);
    }

    private static string NameOf(int replicas) =>
        replicas == 0 ? "SQLite" : string.Create(CultureInfo.InvariantCulture, $"PostgreSQL, {replicas} replica{(replicas > 1 ? "s" : "")}");

    private static async Task Measure(World world, Tally tally, FalStandIn fal, Postgres? postgres, int replicas)
    {
        var database = $"replicas_{Guid.NewGuid():n}";
        if (postgres is not null)
            await postgres.Execute($"CREATE DATABASE {database}");
        var services = new List<Service>();
        try
        {
            for (var number = 0; number < Math.Max(1, replicas); number++)
                services.Add(await Service.Start(world, fal, postgres?.ConnectionTo(database) ?? world.NewFile("replicas.db")));
            await Measure(world, tally, fal, postgres, services, NameOf(replicas));
        }
        finally
        {
            foreach (var service in services)
                await service.DisposeAsync();
            if (postgres is not null)
                await postgres.Execute($"DROP DATABASE {database} WITH (FORCE)");
            fal.Forget();
        }
    }

    private static async Task Measure(World world, Tally tally, FalStandIn fal, Postgres? postgres, IReadOnlyList<Service> services, string name)
    {
        var (keys, order, jobs) = (await services[0].CreateKeys(Callers), Service.Order(), world.Scale.Count(3000, 64));
        using var loads = await Loads.Open(services, Callers);
        await loads.Run(Callers * 4, 202, Create);
        fal.Forget();

        var (cpu, database, syncs) = (services.Sum(service => service.Process.Cpu), postgres?.Cpu ?? 0, await SyncsOf(postgres));
        var created = await loads.Run(jobs, 202, Create);
        List<ReadOnlyMemory<byte>> deliveries = [.. fal.Jobs.Select(job =>
        {
            job.Over.TrySetResult();
            return fal.Delivery(job.RequestId, job.WebhookPath);
        })];
        using var senders = await Loads.Open(services, Senders);
        var ended = await senders.Run(deliveries.Count, 200, (_, number) => deliveries[(int)number]);

        tally.Add(name, Creates, created.PerSecond);
        tally.Add(name, Wait, Spread.Median(created.Waits));
        tally.Add(name, Ends, ended.PerSecond);
        tally.Add(name, Cpu, (services.Sum(service => service.Process.Cpu) - cpu) * 1e6 / jobs);
        if (postgres is null)
            return;
        tally.Add(name, DatabaseCpu, (postgres.Cpu - database) * 1e6 / jobs);
        tally.Add(name, Syncs, (await SyncsOf(postgres) - syncs) / jobs);

        ReadOnlyMemory<byte> Create(int caller, long number) => RequestBytes.Post("/v1/jobs", order, keys[caller], $"Idempotency-Key: {Guid.NewGuid()}");
    }

    private static async Task<double> SyncsOf(Postgres? postgres) => postgres is null ? 0 : await postgres.Number("SELECT wal_sync FROM pg_stat_wal");

    /// <summary>The same callers, spread over several servers.</summary>
    private sealed class Loads(IReadOnlyList<HttpLoad> loads, int each) : IDisposable
    {
        public static async Task<Loads> Open(IReadOnlyList<Service> services, int callers)
        {
            var (loads, each) = (new List<HttpLoad>(), callers / services.Count);
            foreach (var service in services)
                loads.Add(await HttpLoad.Open(service.Port, each));
            return new Loads(loads, each);
        }

        public async Task<LoadOutcome> Run(long requests, int expected, Func<int, long, ReadOnlyMemory<byte>> request)
        {
            var share = requests / loads.Count;
            var outcomes = await Task.WhenAll(loads.Select((load, place) => load.Run(
                place == 0 ? requests - (share * (loads.Count - 1)) : share, expected, (caller, number) => request((place * each) + caller, (share * place) + number))));
            return new LoadOutcome(outcomes.Max(outcome => outcome.Elapsed), [.. outcomes.SelectMany(outcome => outcome.Waits)]);
        }

        public void Dispose()
        {
            foreach (var load in loads)
                load.Dispose();
        }
    }
}
