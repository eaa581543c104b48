using KlingProxy.Fal;
using KlingProxy.Fal.Calls;
using KlingProxy.Tests.Fixtures;

using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;

namespace KlingProxy.Tests.Fal;

/// <summary>Submits pause for a while after fal has refused our key or balance.</summary>
public sealed class FalStandingTests
{
    [Theory]
    [InlineData(-1)]
    [InlineData(0)]
    [InlineData(1)]
    public void Is_bad_for_a_minute_wherever_somebody_sets_the_clock(int hours)
    {
        var passing = new FakeTimeProvider();
        var time = new SetTime(passing);
        var standing = new FalStanding(time, Options.Create(new FalOptions()));
        standing.KeyRefused();

        time.Ahead = TimeSpan.FromHours(hours);
        Assert.Equal("upstream-auth", standing.Current?.Code);
        passing.Advance(TimeSpan.FromMinutes(1));

        Assert.Null(standing.Current);
    }
}
