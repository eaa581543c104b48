using System.Diagnostics;

namespace KlingProxy.Tests.EndToEnd;

/// <summary>A program that runs to its end. It fails the test with its own words.</summary>
internal static class Command
{
    /// <summary>Far longer than any takes; one that waits for ever shall fail, and say what it had printed.</summary>
    private static readonly TimeSpan Timeout = TimeSpan.FromMinutes(5);

    /// <returns>What it wrote to standard output.</returns>
    public static async Task<string> Run(string folder, string program, IReadOnlyList<string> arguments, CancellationToken cancel, params (string Name, string Value)[] environment)
    {
        var start = new ProcessStartInfo(program, arguments) { WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var (name, value) in environment)
            start.Environment[name] = value;
        using var process = Process.Start(start)!;
        try
        {
            var (output, complaints) = (process.StandardOutput.ReadToEndAsync(cancel), process.StandardError.ReadToEndAsync(cancel));
            await process.WaitForExitAsync(cancel).Within($"{program} {arguments[0]} ended", atMost: Timeout);
            Assert.True(process.ExitCode == 0, $"{program} {arguments[0]} ended with {process.ExitCode}:\n{await complaints}{await output}");
            return await output;
        }
        finally
        {
            if (!process.HasExited)
                process.Kill(entireProcessTree: true);
        }
    }
}
