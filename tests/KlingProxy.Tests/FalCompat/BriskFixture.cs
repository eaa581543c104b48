using KlingProxy.Sandbox;
using KlingProxy.Tests.Fixtures;

namespace KlingProxy.Tests.FalCompat;

/// <summary>A world in which fal's jobs get on by themselves, in seconds, so that a client that knows nothing of tests can watch them. Open to everyone, as an app behind its own login is.</summary>
public class BriskFixture : ProxyFixture
{
    protected override SandboxOptions FalOptions => base.FalOptions with { Clock = new AcceleratedTime(60), QueueTime = TimeSpan.FromMinutes(3) }; // three seconds, in which a busy machine, too, sees the queue

    protected override IEnumerable<(string Name, string Value)> Settings =>
    [
        ("Access:Anonymous", "true"),
        ("Budget:PerDay", "1000"), ("Budget:PerCallerPerDay", "1000"),
        ("Limits:InFlight", "100"), ("Limits:InFlightPerCaller", "50"), ("Limits:RequestsPerMinute", "100000"),
    ];
}
