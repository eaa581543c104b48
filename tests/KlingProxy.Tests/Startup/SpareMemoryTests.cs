using System.Runtime.CompilerServices;

using KlingProxy.Startup;

using Microsoft.Extensions.Time.Testing;

namespace KlingProxy.Tests.Startup;

/// <summary>Memory is given back after a rush, and never in the middle of one.</summary>
public sealed class SpareMemoryTests
{
    private const long MB = 1 << 20;

    [Theory]
    // since the last look, since it was given, since garbage was looked for, in use
    [InlineData(0, 64 * MB, 64 * MB, 100 * MB, SpareMemory.Remedy.GiveBack)] // a rush is over
    [InlineData(1 * MB, 64 * MB, 64 * MB, 100 * MB, SpareMemory.Remedy.None)] // somebody is served
    [InlineData(0, 63 * MB, 63 * MB, 100 * MB, SpareMemory.Remedy.None)] // not much can be gained
    [InlineData(0, 64 * MB, 64 * MB, 256 * MB, SpareMemory.Remedy.Sweep)] // to move it would take too long
    [InlineData(1 * MB, 64 * MB, 64 * MB, 256 * MB, SpareMemory.Remedy.None)]
    [InlineData(0, 300 * MB, 63 * MB, 256 * MB, SpareMemory.Remedy.None)] // it was looked for: what is left lives
    [InlineData(0, 300 * MB, 1 * MB, 255 * MB, SpareMemory.Remedy.GiveBack)] // it was found, and the rest is little enough
    public void Is_given_back_where_nobody_waits_for_it(long sinceLook, long sinceGiven, long sinceSwept, long inUse, object due) =>
        Assert.Equal(due, SpareMemory.Due(sinceLook, sinceGiven, sinceSwept, inUse));

    /// <summary>More garbage than may be moved at a time is found all the same, while nobody allocates anything.</summary>
    [Fact]
    public async Task Is_found_also_where_a_rush_left_more_than_can_be_moved()
    {
        var clock = new FakeTimeProvider();
        using var spare = new SpareMemory(clock);
        await spare.StartAsync(TestContext.Current.CancellationToken);
        var rush = Rush();

        await Patience.Until(
            () => Task.FromResult(!rush.IsAlive),
            async () =>
            {
                clock.Advance(SpareMemory.Pause);
                await Task.Yield();
            },
            "what a rush left was collected",
            () => Task.FromResult($"{GC.GetTotalMemory(forceFullCollection: false) / MB} MB are in use"));

        await spare.StopAsync(TestContext.Current.CancellationToken);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static WeakReference Rush() => new(GC.AllocateUninitializedArray<byte>((int)SpareMemory.Bearable + 1));
}
