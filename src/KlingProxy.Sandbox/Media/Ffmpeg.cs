using System.ComponentModel;
using System.Diagnostics;

namespace KlingProxy.Sandbox.Media;

/// <summary>The machine's own ffmpeg: started without a shell, arguments one by one, killed when its time is up.</summary>
internal static class Ffmpeg
{
    private static readonly Lazy<string?> Program = new(() => (Environment.GetEnvironmentVariable("PATH") ?? "")
        .Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
        .Select(folder => Path.Combine(folder, OperatingSystem.IsWindows() ? "ffmpeg.exe" : "ffmpeg"))
        .FirstOrDefault(File.Exists));

    public static bool IsHere => Program.Value is not null;

    /// <summary>True when it ended well.</summary>
    public static async Task<bool> Run(string folder, IEnumerable<string> arguments, CancellationToken limit)
    {
        using var process = new Process();
        string[] always = ["-nostdin", "-hide_banner", "-loglevel", "quiet", "-max_alloc", "536870912", "-y"];
        process.StartInfo = new ProcessStartInfo(Program.Value!, [.. always, .. arguments])
        {
            WorkingDirectory = folder,
            UseShellExecute = false,
        };
        try
        {
            process.Start();
        }
        catch (Win32Exception)
        {
            return false;
        }

        try
        {
            await process.WaitForExitAsync(limit);
            return process.ExitCode == 0;
        }
        finally
        {
            if (!process.HasExited) process.Kill(entireProcessTree: true);
        }
    }
}
