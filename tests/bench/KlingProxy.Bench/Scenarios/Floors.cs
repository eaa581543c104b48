using System.Diagnostics;

using KlingProxy.Bench.Load;
using KlingProxy.Bench.Reporting;
using KlingProxy.Bench.Servers;

using NSec.Cryptography;

namespace KlingProxy.Bench.Scenarios;

/// <summary>What no program can be quicker than, on this machine.</summary>
internal sealed class Floors : IScenario
{
    private const string Machine = "this machine";

    public string Name => "floors";

    public string Title => "Floors of this machine";

    public async Task Run(World world, Tally tally)
    {
        await using var floor = await Floor.Start(world);
        for (var round = 0; round < world.Scale.Rounds; round++)
        {
            var syncs = Syncs(world);
            tally.Add(Machine, "fsyncs of 4 kB per second", syncs.Count / syncs.Sum(wait => wait / 1e3));
            tally.Add(Machine, "median fsync, ms", Spread.Median(syncs));
            tally.Add(Machine, "one Ed25519 verification, µs", Verification(world));
            if (floor is null)
                continue;
            using var load = await HttpLoad.Open(floor.Port, 1);
            tally.Add(Machine, "loopback round trip of a bare endpoint, µs", 1e3 * Spread.Median((await load.Run(world.Scale.Turn, 200, (_, _) => RequestBytes.Get("/"))).Waits));
        }
        tally.Note("A durable write waits for one fsync, which several may share; a delivery is verified once; a call goes over loopback once, and comes back.");
    }

    private static List<double> Syncs(World world)
    {
        var (waits, page, began) = (new List<double>(), new byte[4096], Stopwatch.GetTimestamp());
        using var file = new FileStream(world.NewFile("syncs"), FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 0);
        while (Stopwatch.GetElapsedTime(began) < world.Scale.Turn)
        {
            var start = Stopwatch.GetTimestamp();
            file.Write(page);
            file.Flush(flushToDisk: true);
            waits.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
        }
        return waits;
    }

    private static double Verification(World world)
    {
        using var key = Key.Create(SignatureAlgorithm.Ed25519);
        var text = new byte[200];
        var signature = SignatureAlgorithm.Ed25519.Sign(key, text);
        var (count, began) = (0, Stopwatch.GetTimestamp());
        for (; Stopwatch.GetElapsedTime(began) < world.Scale.Turn; count++)
            SignatureAlgorithm.Ed25519.Verify(key.PublicKey, text, signature);
        return Stopwatch.GetElapsedTime(began).TotalMicroseconds / count;
    }
}
