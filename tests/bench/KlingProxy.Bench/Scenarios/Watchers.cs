using System.Diagnostics;

using KlingProxy.Bench.Load;
using KlingProxy.Bench.Reporting;
using KlingProxy.Bench.Servers;

namespace KlingProxy.Bench.Scenarios;

/// <summary>Rows 5 and 6: what thousands who watch one job cost while nothing happens, and how soon they hear of its end.</summary>
internal sealed class Watchers : IScenario
{
    private const string Peer = "Node", Express = "Express", IdleRss = "RSS after the start and one request, MB", PerWatcher = "RSS per watcher, kB", IdleCpu = "CPU while nothing happens, % of a core",
        Heard = "webhook in to event out, median, ms", HeardLast = "webhook in to event out, p99, ms";

    public string Name => "watchers";

    public string Title => "5,000 watchers of one job";

    public async Task Run(World world, Tally tally)
    {
        await using var fal = await FalStandIn.Start();
        string[] contestants = [Service.Name, Peer, Express];
        tally.Order(contestants);
        for (var round = 0; round < world.Scale.Rounds; round++)
        {
            foreach (var contestant in world.Shuffled(contestants))
            {
                await (contestant switch
                {
                    Service.Name => WatchHere(world, tally, fal),
                    Peer => WatchThere(world, tally),
                    _ => RestOnly(world, tally, fal),
                });
            }
        }
        tally.PartOf(5, "idle RSS, against Express", IdleRss, Service.Name, Express, 0.6, atMost: true);
        tally.PartOf(5, "RSS per watcher, against Node", PerWatcher, Service.Name, Peer, 1, atMost: true);
        tally.PartOf(5, "CPU of idle watchers, against Node", IdleCpu, Service.Name, Peer, 0.5, atMost: true);
        tally.PartOf(6, "webhook in to event out, p99, against Node", HeardLast, Service.Name, Peer, 1, atMost: true);
        tally.Note("Both beat every ten seconds. The Node server verifies nothing, fetches nothing and stores nothing; the service verifies the delivery, fetches the "
            + "result from the stand-in and commits it before anybody hears. Each round has a fresh process.");
    }

    private static async Task WatchHere(World world, Tally tally, FalStandIn fal)
    {
        await using var service = await Service.Start(world, fal, world.NewFile("watchers.db"));
        var key = (await service.CreateKey("watchers")).Header;
        tally.Add(Service.Name, IdleRss, await Turn.Rest(world, service.Process) / 1e6);
        var job = await service.CreateJob(key);
        await Watch(world, tally, service.Process, RequestBytes.Get($"/v1/jobs/{job}/events", key, "Accept: text/event-stream"), () =>
        {
            var taken = fal.Finish(job);
            return fal.Delivery(taken.RequestId, taken.WebhookPath);
        });
    }

    private static async Task WatchThere(World world, Tally tally)
    {
        await using var node = await Peers.Node(world, Peer, "events", 0);
        tally.Add(Peer, IdleRss, await Turn.Rest(world, node) / 1e6);
        await Watch(world, tally, node, RequestBytes.Get("/jobs/1/events", "Accept: text/event-stream"), () => RequestBytes.Post("/webhooks/1", """{"status":"OK"}"""));
    }

    private static async Task RestOnly(World world, Tally tally, FalStandIn fal)
    {
        await using var express = await Peers.Node(world, Express, "express-proxy", fal.Port);
        tally.Add(Express, IdleRss, await Turn.Rest(world, express) / 1e6);
    }

    private static async Task Watch(World world, Tally tally, ServerProcess server, ReadOnlyMemory<byte> watch, Func<ReadOnlyMemory<byte>> delivery)
    {
        var (count, before) = (world.Scale.Count(5000, 100), server.Rss);
        using var watchers = await EventWatchers.Open(server.Port, count, watch);
        await Task.Delay(world.Scale.Turn); // what was begun with the last connection is over
        var (cpu, idle) = (server.Cpu, world.Scale.IsSmall ? TimeSpan.FromSeconds(1) : TimeSpan.FromSeconds(20));
        await Task.Delay(idle);
        tally.Add(server.Name, IdleCpu, (server.Cpu - cpu) * 100 / idle.TotalSeconds);
        tally.Add(server.Name, PerWatcher, (server.Rss - before) / 1e3 / count);

        using var fal = await HttpConnection.Open(server.Port);
        var (bytes, sent) = (delivery(), Stopwatch.GetTimestamp());
        var answer = fal.Call(bytes).AsTask();
        var heard = await watchers.HearEnd(sent);
        if (await answer is not 200 and var status)
            throw new UnexpectedAnswerException($"A delivery was answered {status}.");
        tally.Add(server.Name, Heard, Spread.Median(heard));
        tally.Add(server.Name, HeardLast, Spread.Quantile(heard, 0.99));
    }
}
