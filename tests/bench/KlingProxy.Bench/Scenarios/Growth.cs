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
        var kinds = Kinds(world.Scale, ownedBySmaller: sizes[0] * 4 / 5);

        var sides = new List<Side>();
        try
        {
            foreach (var size in sizes)
            {
                var seeded = await databases.Copy(size, Days);
                List<string> asked = [.. seeded.JobIds.Take(Asked(world.Scale))];
                var unasked = await UnaskedJobs.Draw(seeded.Database, asked, kinds.Where(kind => kind.AsksOnce).Sum(kind => kind.WarmUp + (kind.Count * world.Scale.Rounds)));
                sides.Add(new Side(string.Create(CultureInfo.InvariantCulture, $"{size:#,0} jobs"), seeded, asked, unasked, await Service.Start(world, fal, seeded.Database)));
            }
            tally.Order(sides.Select(side => side.Name));
            foreach (var side in sides)
                tally.Add(side.Name, "size, MB", await databases.Size(side.Seeded) / 1e6);
            for (var round = -1; round < world.Scale.Rounds; round++) // the first warms
            {
                foreach (var kind in kinds)
                    foreach (var side in world.Shuffled(sides))
                        await Measure(world, tally, databases, side, kind, isWarmUp: round < 0);
                await Task.Delay(world.Scale.Turn); // what the creates have set going is nothing that a status costs
            }
            foreach (var kind in kinds)
                tally.PartOf(10, $"{engine}: {kind.Name}, CPU", Cpu(kind), sides[1].Name, sides[0].Name, 1.2, atMost: true);
        }
        finally
        {
            foreach (var side in sides)
                await side.Service.DisposeAsync();
        }
        tally.Note($"Jobs spread evenly over {Days} days up to today, ended, 29 of 30 completed; one caller has four of five, five others share the rest. One caller at a time, "
            + "so that a wait is what the call takes; the goals compare CPU, by the call, which here is that of the service"
            + (engine == "SQLite" ? "." : " and of all of the database server, which had its statistics taken, as its autovacuum does. " + Postgres.Remark)
            + $" \"Asked before\" are the same {Asked(world.Scale)} jobs again and again, \"first asked\" are random ones of that caller's, each of which is asked for once in the life of the process.");
    }

    /// <summary>How many jobs are asked for again and again.</summary>
    private static int Asked(Scale scale) => scale.Count(200, 5);

    private static string Wait(Kind kind) => $"{kind.Name}: median wait, ms";

    private static string Cpu(Kind kind) => $"{kind.Name}: CPU, µs";

    private static async Task Measure(World world, Tally tally, SeededDatabases databases, Side side, Kind kind, bool isWarmUp)
    {
        using var load = await HttpLoad.Open(side.Service.Port, 1);
        var before = side.Service.Process.Cpu + databases.Cpu;
        var outcome = await load.Run(isWarmUp ? kind.WarmUp : kind.Count, world.Scale.Turn, kind.Expected, (_, number) => kind.Request(side, (int)number));
        if (isWarmUp)
            return;
        tally.Add(side.Name, Wait(kind), Spread.Median(outcome.Waits));
        tally.Add(side.Name, Cpu(kind), (side.Service.Process.Cpu + databases.Cpu - before) * 1e6 / outcome.Count);
    }

    private static IReadOnlyList<Kind> Kinds(Scale scale, int ownedBySmaller)
    {
        var (today, year) = (DateTime.UtcNow, DateTime.UtcNow.AddDays(-Days));
        var days = string.Create(CultureInfo.InvariantCulture, $"from={year:yyyy-MM-dd}&to={today:yyyy-MM-dd}");
        var (warmUp, many) = (scale.Count(200, 5), scale.Count(10_000, 5));
        var once = Math.Min(scale.Count(1500, 5), (ownedBySmaller - Asked(scale) - warmUp) / scale.Rounds);
        return
        [
            new("status, asked before", 200, warmUp, many, (side, number) => RequestBytes.Get($"/v1/jobs/{side.AskedAt(number)}", side.Key)),
            new("status, first asked", 200, warmUp, once, (side, _) => RequestBytes.Get($"/v1/jobs/{side.Unasked.Next()}", side.Key)) { AsksOnce = true },
            new("quote", 200, warmUp, many, (side, _) => RequestBytes.Post("/v1/quotes", Service.Order(side.Seeded.ImageUrl), side.Key)),
            new("list", 200, warmUp, many, (side, _) => RequestBytes.Get("/v1/jobs?limit=20", side.Key)),
            new("list by status", 200, warmUp, many, (side, _) => RequestBytes.Get("/v1/jobs?limit=20&status=failed", side.Key)),
            new("list by a status that none has", 200, warmUp, many, (side, _) => RequestBytes.Get("/v1/jobs?limit=20&status=canceled", side.Key)),
            new("ledger of a job", 200, warmUp, many, (side, number) => RequestBytes.Get($"/v1/ledger?{days}&job={side.AskedAt(number)}", Service.Operator)),
            new("account", 200, warmUp, many, (side, _) => RequestBytes.Get("/v1/account", side.Key)),
            new("usage of a year", 200, warmUp, many, (_, _) => RequestBytes.Get($"/v1/usage?{days}", Service.Operator)),
            // Few, or the smaller database would not stay small.
            new("create", 202, warmUp, scale.Count(400, 5), (side, _) =>
                RequestBytes.Post("/v1/jobs", Service.Order(side.Seeded.ImageUrl), side.Key, $"Idempotency-Key: {Guid.NewGuid()}")),
        ];
    }

    private sealed record Side(string Name, SeededDatabase Seeded, IReadOnlyList<string> Asked, UnaskedJobs Unasked, Service Service)
    {
        public string Key => Seeded.Keys[0];

        public string AskedAt(int number) => Asked[number % Asked.Count];
    }

    /// <param name="Count">How many a turn has at the most; where they take longer than a turn, fewer.</param>
    /// <param name="Request">What the n-th of a turn sends.</param>
    private sealed record Kind(string Name, int Expected, int WarmUp, int Count, Func<Side, int, ReadOnlyMemory<byte>> Request)
    {
        /// <summary>Each request takes one of the jobs that nobody has asked for.</summary>
        public bool AsksOnce { get; init; }
    }
}
