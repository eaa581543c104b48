using System.Diagnostics;

namespace KlingProxy.Bench;

/// <summary>The checkout that is measured.</summary>
/// <param name="Commit">Short, with a plus where files differ from it.</param>
internal sealed record Repository(string Root, string Commit)
{
    public string Results => Path.Combine(Root, "artifacts/bench/results");

    /// <summary>The binary that is measured: <c>artifacts/publish</c> has it, unless another one is named.</summary>
    public string Binary => Environment.GetEnvironmentVariable("KLINGPROXY_BINARY") is { Length: > 0 } named
        ? Path.GetFullPath(named)
        : Path.Combine(Root, "artifacts/publish/KlingProxy");

    /// <summary>A source that has changed since the binary was built, as <c>tests/bench/run</c> found; <c>null</c> where none has.</summary>
    public static string? NewerSource => Environment.GetEnvironmentVariable("KLINGPROXY_NEWER_SOURCE") is { Length: > 0 } newer ? newer : null;

    public static Repository Find()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "KlingProxy.sln")))
            folder = Path.GetDirectoryName(folder) ?? throw new InvalidOperationException("This program measures a checkout, and stands in none.");
        var changes = Git(folder, "status", "--porcelain", "--untracked-files=no", "--", "src", "tests/bench");
        return new Repository(folder, Git(folder, "rev-parse", "--short", "HEAD") + (changes.Length > 0 ? "+" : ""));
    }

    private static string Git(string folder, params string[] arguments)
    {
        using var git = Process.Start(new ProcessStartInfo("git", arguments) { WorkingDirectory = folder, RedirectStandardOutput = true })!;
        var text = git.StandardOutput.ReadToEnd().Trim();
        git.WaitForExit();
        return text;
    }
}
