using KlingProxy.Bench.Reporting;
using KlingProxy.Bench.Servers;

namespace KlingProxy.Bench.Scenarios;

/// <summary>Row 4: from the start of the process to its first answer, with a database that is there.</summary>
internal sealed class Start : IScenario
{
    private const string Time = "start to first answer, ms", Cpu = "CPU of the start, ms";

    public string Name => "start";

    public string Title => "Cold start";

    public async Task Run(World world, Tally tally)
    {
        await using var fal = await FalStandIn.Start();
        var database = world.NewFile("start.db");
        await using (var first = await Service.Start(world, fal, database))
            await first.CreateJob((await first.CreateKey("start")).Header);
        string[] contestants = [Service.Name, "Hono", "Express"];
        tally.Order(contestants);

        for (var round = 0; round < world.Scale.Count(3, 1) * world.Scale.Rounds; round++)
        {
            foreach (var contestant in world.Shuffled(contestants))
            {
                if (contestant == Service.Name)
                {
                    await using var service = await Service.Start(world, fal, database);
                    Book(tally, service.Process);
                }
                else
                {
                    await using var peer = await Peers.Node(world, contestant, contestant == "Hono" ? "hono-proxy" : "express-proxy", fal.Port);
                    Book(tally, peer);
                }
            }
        }
        tally.PartOf(4, "cold start, existing database, against Hono", Time, Service.Name, "Hono", 0.4, atMost: true);
        tally.Note("Files are in the page cache. The service has opened its database, looked for migrations and taken up its jobs when it answers.");
    }

    private static void Book(Tally tally, ServerProcess server)
    {
        tally.Add(server.Name, Time, server.StartTime.TotalMilliseconds);
        tally.Add(server.Name, Cpu, server.Cpu * 1e3);
    }
}
