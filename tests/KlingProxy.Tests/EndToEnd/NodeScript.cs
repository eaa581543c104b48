namespace KlingProxy.Tests.EndToEnd;

/// <summary>A script of <c>tests/</c>, run by Node with the modules of <c>tests/package.json</c>. It fails the test with its own words.</summary>
internal static class NodeScript
{
    private static readonly string Folder = Path.Combine(Repository.Root, "tests");

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

        // A test calls nobody.
        return await Command.Run(Folder, "node", [script, .. arguments], cancel, ("REDOCLY_TELEMETRY", "off"), ("REDOCLY_SUPPRESS_NOTIFICATIONS", "true"));
    }
}
