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
    /// megabyte. What is more than this is left to the next rush.
    /// </summary>
    public const long Bearable = 256 << 20;

    /// <param name="sinceLook">Bytes allocated since the last look.</param>
    /// <param name="sinceGiven">Bytes allocated since memory was given back.</param>
    /// <param name="inUse">Bytes of the heap.</param>
    public static bool IsDue(long sinceLook, long sinceGiven, long inUse) => sinceLook < Quiet && sinceGiven >= Worth && inUse < Bearable;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var (looked, given) = (GC.GetTotalAllocatedBytes(), 0L);
        using var looks = new PeriodicTimer(Pause, time);
        while (await looks.WaitForNextTickAsync(stoppingToken))
        {
            var now = GC.GetTotalAllocatedBytes();
            if (IsDue(now - looked, now - given, GC.GetTotalMemory(forceFullCollection: false)))
            {
                GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
                given = now;
            }
            looked = now;
        }
    }
}
