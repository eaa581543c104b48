using KlingProxy.Bench.Load;
using KlingProxy.Bench.Reporting;
using KlingProxy.Bench.Servers;

namespace KlingProxy.Bench.Scenarios;

/// <summary>Row 8: deliveries of fal's, each verified, its result fetched again, and the end of a job on disk before the answer.</summary>
internal sealed class Webhooks : IScenario
{
    private const int Senders = 32;

    private const string Forgetful = "Node, refetching", Durable = "Node, refetching, better-sqlite3";

    public string Name => "webhooks";

    public string Title => "Webhooks verified, refetched, durable";

    public async Task Run(World world, Tally tally)
    {
        await using var fal = await FalStandIn.Start();
        string[] contestants = [Service.Name, Forgetful, Durable];
        tally.Order(contestants);
        for (var round = 0; round < world.Scale.Rounds; round++)
        {
            foreach (var contestant in world.Shuffled(contestants))
            {
                await (contestant == Service.Name ? ReceiveHere(world, tally, fal) : ReceiveThere(world, tally, fal, contestant));
                fal.Forget();
            }
        }
        tally.TimesLess(8, "webhooks, CPU, against Node that stores nothing", Turn.Cpu, Service.Name, Forgetful, atLeast: 2.5);
        tally.TimesLess(8, "webhooks, CPU, against Node and better-sqlite3", Turn.Cpu, Service.Name, Durable, atLeast: 2.5);
        tally.Note("32 deliveries at a time, each of another job; each round has a process of its own.");
    }

    private static async Task ReceiveHere(World world, Tally tally, FalStandIn fal)
    {
        await using var service = await Service.Start(world, fal, world.NewFile("webhooks.db"));
        var keys = await service.CreateKeys(Senders);
        using (var creates = await HttpLoad.Open(service.Port, Senders))
            await creates.Run(Jobs(world), 202, (caller, _) => RequestBytes.Post("/v1/jobs", Service.Order(), keys[caller], $"Idempotency-Key: {Guid.NewGuid()}"));
        await Deliver(world, tally, fal, service.Process);
    }

    private static async Task ReceiveThere(World world, Tally tally, FalStandIn fal, string name)
    {
        (string, string)[] settings = name == Durable ? [("DATABASE", world.NewFile("peer.db"))] : [];
        await using var node = await Peers.Node(world, name, "webhooks", fal.Port, settings);
        using (var creates = await HttpLoad.Open(fal.Port, Senders))
            await creates.Run(Jobs(world), 200, (_, number) => RequestBytes.Post($"/{FalStandIn.Model}?fal_webhook=http://127.0.0.1/webhooks/{number}", "{}"));
        await Deliver(world, tally, fal, node);
    }

    private static async Task Deliver(World world, Tally tally, FalStandIn fal, ServerProcess server)
    {
        var deliveries = new List<ReadOnlyMemory<byte>>();
        foreach (var job in fal.Jobs)
        {
            job.Over.TrySetResult();
            deliveries.Add(fal.Delivery(job.RequestId, job.WebhookPath));
        }
        var warm = WarmUp(world);
        using var load = await HttpLoad.Open(server.Port, Senders);
        await load.Run(warm, 200, (_, number) => deliveries[(int)number]);
        await Turn.Measure(tally, server, () => load.Run(deliveries.Count - warm, 200, (_, number) => deliveries[warm + (int)number]));
    }

    private static int WarmUp(World world) => world.Scale.Count(300, 20);

    private static int Jobs(World world) => WarmUp(world) + world.Scale.Count(2000, 40);
}
