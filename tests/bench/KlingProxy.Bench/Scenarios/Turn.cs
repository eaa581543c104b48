using KlingProxy.Bench.Load;
using KlingProxy.Bench.Reporting;
using KlingProxy.Bench.Servers;

namespace KlingProxy.Bench.Scenarios;

/// <summary>One contestant's turn in one round.</summary>
internal static class Turn
{
    public const string Cpu = "CPU per request, µs", Rate = "requests per second", Wait = "median wait, ms", Tail = "p99 wait, ms";

    /// <summary>Books what the work cost the server for each request of it, and how fast it was.</summary>
    public static async Task Measure(Tally tally, ServerProcess server, Func<Task<LoadOutcome>> work, string of = "")
    {
        var before = server.Cpu;
        var outcome = await work();
        var name = server.Name + of;
        tally.Add(name, Cpu, (server.Cpu - before) * 1e6 / outcome.Count);
        tally.Add(name, Rate, outcome.PerSecond);
        tally.Add(name, Wait, Spread.Median(outcome.Waits));
        tally.Add(name, Tail, Spread.Quantile(outcome.Waits, 0.99));
    }

    /// <returns>RSS of a server that has started, answered one small request, and come to rest.</returns>
    public static async Task<long> Rest(World world, ServerProcess server)
    {
        using (var load = await HttpLoad.Open(server.Port, 1))
            await load.Run(1, 200, (_, _) => RequestBytes.Get(server.Name == Service.Name ? "/health/live" : "/health"));
        await Task.Delay(world.Scale.Turn);
        return server.Rss;
    }
}
