using System.Globalization;

using KlingProxy.Bench.Load;
using KlingProxy.Bench.Reporting;
using KlingProxy.Bench.Seeding;
using KlingProxy.Bench.Servers;

namespace KlingProxy.Bench.Scenarios;

/// <summary>Row 10: whether a call costs more with a hundred times as many jobs, of which one key has four of five; on one of the two engines.</summary>
internal sealed class Growth(string engine) : IScenario
{
    private const int Days = 365;

    public string Name => $"growth-{engine.ToLowerInvariant()}";

    public string Title => $"Growth on {engine}";

    public string? Lacks => engine == "SQLite" || Postgres.Binaries is not null ? null : "PostgreSQL (Debian package postgresql)";

    public async Task Run(World world, Tally tally)
    {
        await using var fal = await FalStandIn.Start();
        await using var databases = await SeededDatabases.Open(world, fal, engine);
        int[] sizes = [world.Scale.Count(10_000, 100), world.Scale.Count(1_000_000, 1_000)];

        var sides = new List<Side>();
        try
        {
            foreach (var size in sizes)
            {
                var seeded = await databases.Copy(size, Days);
                sides.Add(new Side(string.Create(CultureInfo.InvariantCulture, $"{size:#,0} jobs"), seeded, await Service.Start(world, fal, seeded.Database)));
            }
            tally.Order(sides.Select(side => side.Name));
            foreach (var side in sides)
                tally.Add(side.Name, "size, MB", await databases.Size(side.Seeded) / 1e6);
            var kinds = Kinds();
            for (var round = -1; round < world.Scale.Rounds; round++) // the first warms
                foreach (var kind in kinds)
                    foreach (var side in world.Shuffled(sides))
                        await Measure(world, tally, databases, side, kind, isWarmUp: round < 0);
            foreach (var kind in kinds)
                tally.PartOf(10, $"{engine}: {kind.Name}", Wait(kind), sides[1].Name, sides[0].Name, 1.2, atMost: true);
        }
        finally
        {
            foreach (var side in sides)
                await side.Service.DisposeAsync();
        }
        tally.Note($"Jobs spread evenly over {Days} days up to today, ended, 29 of 30 completed; one caller has four of five, five others share the rest. One caller at a time, "
            + "so that a wait is what the call takes. CPU is that of the service"
            + (engine == "SQLite" ? "." : " and of the database server, which had its statistics taken, as its autovacuum does."));
    }

    private static string Wait(Kind kind) => $"{kind.Name}: median wait, ms";

    private static async Task Measure(World world, Tally tally, SeededDatabases databases, Side side, Kind kind, bool isWarmUp)
    {
        var request = kind.Request(side.Seeded);
        using var load = await HttpLoad.Open(side.Service.Port, 1);
        var before = side.Service.Process.Cpu + databases.Cpu;
        var outcome = await load.Run(world.Scale.Count(isWarmUp ? 50 : 400, 5), world.Scale.Turn, kind.Expected, (_, number) => request((int)number));
        if (isWarmUp)
            return;
        tally.Add(side.Name, Wait(kind), Spread.Median(outcome.Waits));
        tally.Add(side.Name, $"{kind.Name}: CPU, µs", (side.Service.Process.Cpu + databases.Cpu - before) * 1e6 / outcome.Count);
    }

    private static IReadOnlyList<Kind> Kinds()
    {
        var (today, year) = (DateTime.UtcNow, DateTime.UtcNow.AddDays(-Days));
        var days = string.Create(CultureInfo.InvariantCulture, $"from={year:yyyy-MM-dd}&to={today:yyyy-MM-dd}");
        return
        [
            new("status", 200, seeded => number => RequestBytes.Get($"/v1/jobs/{seeded.JobIds[number % seeded.JobIds.Count]}", seeded.Keys[0])),
            new("quote", 200, seeded => _ => RequestBytes.Post("/v1/quotes", Service.Order(seeded.ImageUrl), seeded.Keys[0])),
            new("list", 200, seeded => _ => RequestBytes.Get("/v1/jobs?limit=20", seeded.Keys[0])),
            new("list by status", 200, seeded => _ => RequestBytes.Get("/v1/jobs?limit=20&status=failed", seeded.Keys[0])),
            new("list by a status that none has", 200, seeded => _ => RequestBytes.Get("/v1/jobs?limit=20&status=canceled", seeded.Keys[0])),
            new("ledger of a job", 200, seeded => number =>
                RequestBytes.Get($"/v1/ledger?{days}&job={seeded.JobIds[number % seeded.JobIds.Count]}", Service.Operator)),
            new("account", 200, seeded => _ => RequestBytes.Get("/v1/account", seeded.Keys[0])),
            new("usage of a year", 200, _ => _ => RequestBytes.Get($"/v1/usage?{days}", Service.Operator)),
            new("create", 202, seeded => _ =>
                RequestBytes.Post("/v1/jobs", Service.Order(seeded.ImageUrl), seeded.Keys[0], $"Idempotency-Key: {Guid.NewGuid()}")),
        ];
    }

    private sealed record Side(string Name, SeededDatabase Seeded, Service Service);

    /// <param name="Request">What the n-th sends.</param>
    private sealed record Kind(string Name, int Expected, Func<SeededDatabase, Func<int, ReadOnlyMemory<byte>>> Request);
}
