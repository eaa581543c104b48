using System.Diagnostics;
using System.Globalization;

namespace KlingProxy.Bench.Servers;

/// <summary>Ends what was started, in any case.</summary>
internal static class ProcessEnd
{
    private static readonly TimeSpan MaxGoodbye = TimeSpan.FromSeconds(30);

    /// <summary>Asks it to end, and kills what does not.</summary>
    /// <param name="signal">Such as <c>TERM</c>.</param>
    public static async Task End(this Process process, string signal)
    {
        using var patience = new CancellationTokenSource(MaxGoodbye);
        try
        {
            if (!process.HasExited)
            {
                using var kill = Process.Start("kill", [$"-{signal}", process.Id.ToString(CultureInfo.InvariantCulture)]);
                await kill.WaitForExitAsync(patience.Token);
            }
            await process.WaitForExitAsync(patience.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
        }
        process.Dispose();
    }
}
