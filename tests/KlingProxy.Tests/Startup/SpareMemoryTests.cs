using KlingProxy.Startup;

namespace KlingProxy.Tests.Startup;

/// <summary>Memory is given back after a rush, and never in the middle of one.</summary>
public sealed class SpareMemoryTests
{
    private const long MB = 1 << 20;

    [Theory]
    // since the last look, since it was given, in use
    [InlineData(0, 64 * MB, 100 * MB, true)] // a rush is over
    [InlineData(1 * MB, 64 * MB, 100 * MB, false)] // somebody is served
    [InlineData(0, 63 * MB, 100 * MB, false)] // not much can be gained
    [InlineData(0, 64 * MB, 256 * MB, false)] // it would take too long
    public void Is_given_back_where_nobody_waits_for_it(long sinceLook, long sinceGiven, long inUse, bool isDue) =>
        Assert.Equal(isDue, SpareMemory.IsDue(sinceLook, sinceGiven, inUse));
}
