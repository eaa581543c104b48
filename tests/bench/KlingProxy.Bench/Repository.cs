using System.Diagnostics;

namespace KlingProxy.Bench;

/// <summary>The checkout that is measured.</summary>
/// <param name="Commit">Short, with a plus where files differ from it.</param>
internal sealed record Repository(string Root, string Commit)
{
    public string Results => Path.Combine(Root, "artifacts/bench/results");

    public static Repository Find()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "KlingProxy.sln")))
            folder = Path.GetDirectoryName(folder) ?? throw new InvalidOperationException("This program measures a checkout, and stands in none.");
        var changes = Git(folder, "status", "--porcelain", "--untracked-files=no", "--", "src");
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
