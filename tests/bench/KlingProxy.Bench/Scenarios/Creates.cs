using KlingProxy.Bench.Load;
using KlingProxy.Bench.Reporting;
using KlingProxy.Bench.Seeding;
using KlingProxy.Bench.Servers;

namespace KlingProxy.Bench.Scenarios;

/// <summary>Row 7: 64 callers create jobs that survive a power cut, on a day without any and on one that has had many.</summary>
internal sealed class Creates : IScenario
{
    private const int Callers = 64;

    private const string Peer = "Express + better-sqlite3";

    public string Name => "creates";

    public string Title => "Durable creates at 64 callers";

    public async Task Run(World world, Tally tally)
    {
        await using var fal = await FalStandIn.Start();
        var count = world.Scale.Count(2000, 64);
        int[] days = [0, world.Scale.Count(4500, 100)];
        tally.Order(days.SelectMany(earlier => new[] { Service.Name + Of(earlier), Peer + Of(earlier) }));
        foreach (var earlier in days)
        {
            var of = Of(earlier);
            var seeded = await SeededDatabase.Make(world, fal, world.NewFile("seed.db"), earlier, days: 1, Callers, owned: false);
            for (var round = 0; round < world.Scale.Rounds; round++)
                foreach (var isService in world.Shuffled([true, false]))
                    await (isService ? CreateHere(world, tally, fal, seeded, count, of) : CreateThere(world, tally, fal, earlier, count, of));
            tally.TimesLess(7, $"durable creates, CPU{of}", Turn.Cpu, Service.Name + of, Peer + of, atLeast: 3);
        }
        tally.Note("Every round has a process and a database of its own; both answer when the job is on disk and the stand-in has it. The peer knows callers by "
            + "key, repeats by idempotency key, a day's budget and jobs in flight, and makes two commits; it checks and prices no input and follows no job.");
    }

    private static string Of(int earlier) => earlier == 0 ? ", empty day" : FormattableString.Invariant($", {earlier} jobs that day");

    private static async Task CreateHere(World world, Tally tally, FalStandIn fal, SeededDatabase seeded, int count, string of)
    {
        var file = world.NewFile("creates.db");
        File.Copy(seeded.Database, file);
        await using var service = await Service.Start(world, fal, file);
        await Create(tally, service.Process, seeded.Keys, count, of);
        fal.Forget();
    }

    private static async Task CreateThere(World world, Tally tally, FalStandIn fal, int earlier, int count, string of)
    {
        await using var peer = await Peers.Node(world, Peer, "durable-creates", fal.Port, ("DATABASE", world.NewFile("peer.db")), ("SEED", FormattableString.Invariant($"{earlier}")));
        await Create(tally, peer, [.. Enumerable.Range(0, Callers).Select(number => $"Authorization: Bearer key-{number}")], count, of);
        fal.Forget();
    }

    private static async Task Create(Tally tally, ServerProcess server, IReadOnlyList<string> keys, int count, string of)
    {
        var order = Service.Order();
        using var load = await HttpLoad.Open(server.Port, Callers);
        await load.Run(Callers * 4, 202, Ask);
        await Turn.Measure(tally, server, () => load.Run(count, 202, Ask), of);

        ReadOnlyMemory<byte> Ask(int caller, long number) => RequestBytes.Post("/v1/jobs", order, keys[caller], $"Idempotency-Key: {Guid.NewGuid()}");
    }
}
