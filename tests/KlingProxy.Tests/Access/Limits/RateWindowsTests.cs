using KlingProxy.Access.Limits;
using KlingProxy.Tests.Fixtures;

using Microsoft.Extensions.Time.Testing;

namespace KlingProxy.Tests.Access.Limits;

/// <summary>Each has its own window, and what has ended is forgotten without anybody's clockwork.</summary>
public sealed class RateWindowsTests
{
    private static readonly TimeSpan Length = TimeSpan.FromMinutes(1);

    private readonly FakeTimeProvider clock = new();
    private readonly RateWindows<int> windows;

    public RateWindowsTests() => windows = new(Length, clock);

    [Fact]
    public void Count_each_alone()
    {
        Assert.Equal([true, true, false], Enumerable.Range(0, 3).Select(_ => windows.Take(1, 2).IsAcquired));
        Assert.Equal((true, 1), (windows.Take(2, 2) is { IsAcquired: var isIn, Left: var left } ? (isIn, left) : default));
    }

    [Fact]
    public void Forget_what_has_ended_and_nothing_else()
    {
        for (var key = 0; key < 1000; key++)
            windows.Take(key, 1);
        clock.Advance(Length / 2);
        windows.Take(-1, 1); // ends later

        clock.Advance(Length / 2);
        windows.Take(-2, 1);

        Assert.Equal(2, windows.Count);
        Assert.False(windows.Take(-1, 1).IsAcquired);
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(1)]
    public void Last_as_long_as_they_do_wherever_somebody_sets_the_clock(int hours)
    {
        var time = new SetTime(clock);
        var its = new RateWindows<int>(Length, time);
        Assert.True(its.Take(1, 1).IsAcquired);

        time.Ahead = TimeSpan.FromHours(hours);
        Assert.Equal((false, Length), (its.Take(1, 1).IsAcquired, its.Take(1, 1).Reset));
        clock.Advance(Length);

        Assert.True(its.Take(2, 1).IsAcquired);
        Assert.Equal(1, its.Count); // the other is forgotten
        Assert.True(its.Take(1, 1).IsAcquired);
    }

    [Fact]
    public async Task Admit_no_more_than_the_limit_while_others_forget()
    {
        var ended = new RateWindow(3, Length);
        ended.Take(TimeSpan.Zero);

        Assert.True(ended.Forget(Length));
        Assert.Null(ended.Take(Length)); // or what it counted would count in no window

        for (var minute = 0; minute < 50; minute++)
        {
            var taken = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() => Enumerable.Range(0, 25).Count(_ => windows.Take(1, 10).IsAcquired)))).Within();
            Assert.Equal(10, taken.Sum());
            clock.Advance(Length);
        }
    }
}
