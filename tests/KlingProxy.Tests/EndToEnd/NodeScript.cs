using System.Diagnostics;

namespace KlingProxy.Tests.EndToEnd;

/// <summary>A script of <c>tests/</c>, run by Node with the modules of <c>tests/package.json</c>. It fails the test with its own words.</summary>
internal static class NodeScript
{
    private static readonly string Folder = Path.Combine(Repository.Root, "tests");

    /// <summary>Far longer than any script takes; one that waits for ever shall fail, and say what it had printed.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    /// <summary>Runs a script in a browser.</summary>
    public static Task<string> RunInBrowser(string script, IReadOnlyList<string> arguments, CancellationToken cancel)
    {
        var chromium = Environment.GetEnvironmentVariable("CHROMIUM") ?? "/usr/bin/chromium";
        Component.Require(File.Exists(chromium), "chromium");
        return Run(script, arguments, cancel);
    }

    /// <param name="script">A path below <c>tests/</c>.</param>
    /// <returns>What it wrote to standard output.</returns>
    public static async Task<string> Run(string script, IReadOnlyList<string> arguments, CancellationToken cancel)
    {
        Component.Require(Component.Has("node"), "node");
        Component.Require(Directory.Exists(Path.Combine(Folder, "node_modules")), "tests/node_modules");

        var start = new ProcessStartInfo("node", [script, .. arguments]) { WorkingDirectory = Folder, RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["REDOCLY_TELEMETRY"] = "off"; // a test calls nobody
        start.Environment["REDOCLY_SUPPRESS_NOTIFICATIONS"] = "true";
        using var process = Process.Start(start)!;
        try
        {
            var (output, complaints) = (process.StandardOutput.ReadToEndAsync(cancel), process.StandardError.ReadToEndAsync(cancel));
            await process.WaitForExitAsync(cancel).WaitAsync(Patience, cancel);
            Assert.True(process.ExitCode == 0, $"{script} ended with {process.ExitCode}:\n{await complaints}{await output}");
            return await output;
        }
        finally
        {
            if (!process.HasExited)
                process.Kill(entireProcessTree: true);
        }
    }
}
