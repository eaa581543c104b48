namespace KlingProxy.Startup;

/// <summary>
/// Gives memory back when a rush is over. What thousands of connections needed while they came is garbage afterwards, but a process that waits allocates next
/// to nothing, so that nothing would ever collect it: it kept as much again as the connections themselves need.
/// </summary>
internal sealed class SpareMemory(TimeProvider time) : BackgroundService
{
    /// <summary>Between two looks.</summary>
    public static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    /// <summary>In bytes allocated between two looks: beyond it there is work, which is not to wait for a collection. About 25 calls a second.</summary>
    public const long Quiet = 1 << 20;

    /// <summary>In bytes allocated since memory was given back: below it there is little to gain.</summary>
    public const long Worth = 64 << 20;

    /// <summary>
    /// In bytes of the heap, garbage that nobody has looked at included: what lives of it is moved while everything stands still, for about a millisecond a
    /// megabyte. Of more than this only the garbage is looked for, beside whatever else happens, once a rush; what is then left may be little enough.
    /// </summary>
    public const long Bearable = 256 << 20;

    /// <param name="sinceLook">Bytes allocated since the last look.</param>
    /// <param name="sinceGiven">Bytes allocated since memory was given back.</param>
    /// <param name="sinceSwept">Bytes allocated since garbage was looked for, or memory given back.</param>
    /// <param name="inUse">Bytes of the heap.</param>
    public static Remedy Due(long sinceLook, long sinceGiven, long sinceSwept, long inUse) =>
        sinceLook >= Quiet ? Remedy.None
        : inUse < Bearable ? sinceGiven >= Worth ? Remedy.GiveBack : Remedy.None
        : sinceSwept >= Worth ? Remedy.Sweep
        : Remedy.None;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var (looked, given, swept) = (GC.GetTotalAllocatedBytes(), 0L, 0L);
        using var looks = new PeriodicTimer(Pause, time);
        while (await looks.WaitForNextTickAsync(stoppingToken))
        {
            var now = GC.GetTotalAllocatedBytes();
            switch (Due(now - looked, now - given, now - swept, GC.GetTotalMemory(forceFullCollection: false)))
            {
                case Remedy.GiveBack:
                    GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
                    (given, swept) = (now, now);
                    break;
                case Remedy.Sweep:
                    GC.Collect(GC.MaxGeneration, GCCollectionMode.Forced, blocking: false, compacting: false);
                    swept = now;
                    break;
            }
            looked = now;
        }
    }

    /// <summary>What is to be done about memory.</summary>
    public enum Remedy
    {
        None,

        /// <summary>Everything stands still for a moment.</summary>
        GiveBack,

        /// <summary>Nobody waits for it.</summary>
        Sweep,
    }
}
