using KlingProxy.Bench.Load;
using KlingProxy.Bench.Reporting;
using KlingProxy.Bench.Servers;

namespace KlingProxy.Bench.Scenarios;

/// <summary>Row 3: how often fal is called for one job that ten tabs watch from its creation to its end.</summary>
internal sealed class UpstreamCalls : IScenario
{
    private const int Tabs = 10;

    private const string Express = "Express", Calls = "calls of fal for one job";

    public string Name => "upstream";

    public string Title => "Upstream calls of a job that 10 tabs watch";

    public async Task Run(World world, Tally tally)
    {
        await using var fal = await FalStandIn.Start();
        await using var service = await Service.Start(world, fal, world.NewFile("upstream.db"));
        await using var express = await Peers.Node(world, Express, "express-proxy", fal.Port);
        var key = (await service.CreateKey("tabs")).Header;
        await Watch(world, fal, service, key); // asks for fal's signing keys, once a day

        string[] contestants = [Service.Name, Express];
        tally.Order(contestants);
        for (var round = 0; round < world.Scale.Rounds; round++)
        {
            foreach (var contestant in world.Shuffled(contestants))
                tally.Add(contestant, Calls, await (contestant == Service.Name ? Watch(world, fal, service, key) : Poll(world, fal, express)));
        }
        tally.Bound(3, "upstream calls of a job watched by 10 tabs", 3, "", tally.Of(Service.Name, Calls));
        tally.Note($"The job takes {world.Scale.Turn.TotalSeconds} s. The service's tabs watch events; those of Express poll twice a second, as fal's client does, and each fetches the "
            + "result. With minutes instead of seconds the first number stays, and the second grows with them.");
    }

    private static async Task<int> Watch(World world, FalStandIn fal, Service service, string key)
    {
        var before = fal.Calls;
        var job = await service.CreateJob(key);
        using var tabs = await EventWatchers.Open(service.Port, Tabs, RequestBytes.Get($"/v1/jobs/{job}/events", key, "Accept: text/event-stream"));
        await Task.Delay(world.Scale.Turn);
        var taken = fal.Finish(job);
        using (var delivery = await HttpConnection.Open(service.Port))
            await delivery.Call(fal.Delivery(taken.RequestId, taken.WebhookPath));
        await tabs.HearEnd(0);
        return fal.Calls - before;
    }

    private static async Task<int> Poll(World world, FalStandIn fal, ServerProcess express)
    {
        var before = fal.Calls;
        using var client = await HttpConnection.Open(express.Port);
        await client.Call(RequestBytes.Post("/api/fal/proxy", "{}", Target($"{FalStandIn.Model}?fal_webhook=http://127.0.0.1/tabs")));
        var request = fal.Jobs.Single(job => job.Webhook?.EndsWith("/tabs", StringComparison.Ordinal) == true).RequestId;
        for (var polls = 0; polls < world.Scale.Turn.TotalSeconds * 2; polls++)
            for (var tab = 0; tab < Tabs; tab++)
                await client.Call(RequestBytes.Get("/api/fal/proxy", Target($"fal-ai/kling-video/requests/{request}/status")));
        fal.Finish("/tabs");
        for (var tab = 0; tab < Tabs; tab++)
            await client.Call(RequestBytes.Get("/api/fal/proxy", Target($"fal-ai/kling-video/requests/{request}")));
        fal.Forget();
        return fal.Calls - before;

        string Target(string path) => FormattableString.Invariant($"x-fal-target-url: http://127.0.0.1:{fal.Port}/{path}");
    }
}
