using System.Runtime.InteropServices;

namespace KlingProxy.Bench.Servers;

/// <summary>The kernel's own clock of what a process has run, all its threads, ended ones too: in nanoseconds, where <c>/proc</c> tells hundredths of a second.</summary>
internal static class CpuClock
{
    /// <summary>Of <c>linux/posix-timers.h</c>: what the scheduler counts, of a whole process.</summary>
    private const int OfScheduler = 2;

    /// <returns>In nanoseconds; 0 where the process is gone.</returns>
    public static long Of(int process) => GetTime((~process << 3) | OfScheduler, out var time) == 0 ? checked((time.Seconds * 1_000_000_000) + time.Nanoseconds) : 0;

    [DllImport("libc", EntryPoint = "clock_gettime")]
    private static extern int GetTime(int clock, out TimeSpec time);

    [StructLayout(LayoutKind.Sequential)]
    private struct TimeSpec
    {
        public long Seconds, Nanoseconds;
    }
}
