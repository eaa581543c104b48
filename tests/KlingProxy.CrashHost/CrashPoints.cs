using System.Diagnostics;
using System.Globalization;

namespace KlingProxy.CrashHost;

/// <summary>
/// The points at which this process may die. Each is told when it is passed for the first time; at one of them, the n-th time, the process
/// kills itself: SIGKILL, so that nothing is flushed, closed or said goodbye to.
/// </summary>
/// <param name="label">Where to die; <c>null</c> to live.</param>
/// <param name="passage">Counted from 1.</param>
internal sealed class CrashPoints(string? label, int passage)
{
    /// <summary>Begins every line that is meant for whoever started this; the others are the service's log.</summary>
    private const string Mark = "crash-host";

    private readonly Lock gate = new();
    private readonly HashSet<string> known = [];
    private string? label = label;
    private int left = passage;

    public static CrashPoints FromEnvironment() => new(
        Environment.GetEnvironmentVariable("CRASH_AT") is { Length: > 0 } label ? label : null,
        int.Parse(Environment.GetEnvironmentVariable("CRASH_PASSAGE") ?? "1", CultureInfo.InvariantCulture));

    public static void Say(string what, string about) => Console.WriteLine($"{Mark} {what} {about}");

    /// <summary>Die at another point, counted from now.</summary>
    public void Arm(string point, int passage)
    {
        lock (gate)
            (label, left) = (point, passage);
    }

    public void Pass(string point)
    {
        lock (gate)
        {
            if (known.Add(point))
                Say("passes", point);
            if (point != label || --left > 0)
                return;
            Say("dies", point);
            using var self = Process.GetCurrentProcess();
            self.Kill();
            Thread.Sleep(Timeout.Infinite); // the signal may take a moment; this thread does no more, and the lock stops the others
        }
    }
}
