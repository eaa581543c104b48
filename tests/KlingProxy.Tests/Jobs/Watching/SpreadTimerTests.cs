using KlingProxy.Jobs.Watching;

using Microsoft.Extensions.Time.Testing;

namespace KlingProxy.Tests.Jobs.Watching;

/// <summary>Each in its turn, and never all at once.</summary>
public sealed class SpreadTimerTests : IDisposable
{
    private const int Members = 5000;

    private static readonly TimeSpan Period = TimeSpan.FromSeconds(10);

    private readonly FakeTimeProvider clock = new();
    private readonly List<int> called = [];
    private readonly SpreadTimer<int> timer;

    public SpreadTimerTests() => timer = new(Period, clock, called.Add);

    public void Dispose() => timer.Dispose();

    [Fact]
    public void Calls_each_once_in_a_period_and_a_share_at_a_time()
    {
        foreach (var member in Enumerable.Range(0, Members))
            timer.Add(member); // all at the same moment

        var (shares, before) = (new List<int>(), 0);
        for (var tick = 0; tick < timer.Shares; tick++)
        {
            clock.Advance(Period / timer.Shares);
            shares.Add(called.Count - before);
            before = called.Count;
        }

        Assert.Equal(Enumerable.Range(0, Members), called.Order());
        Assert.All(shares, share => Assert.Equal(Members / timer.Shares, share));
    }

    [Fact]
    public void Calls_nobody_who_has_left_and_begins_anew_for_who_comes_then()
    {
        var (one, other) = (timer.Add(1), timer.Add(2));
        one.Dispose();
        clock.Advance(Period);
        Assert.Equal([2], called);

        other.Dispose();
        other.Dispose();
        clock.Advance(Period);
        Assert.Equal([2], called);

        timer.Add(3);
        clock.Advance(3 * Period);
        Assert.Equal([2, 3, 3, 3], called);
    }
}
