namespace KlingProxy.Bench.Servers;

/// <summary>A bare endpoint: the same server and the same compiler as the service has, answering a fixed text. Nothing built on it can cost less.</summary>
internal static class Floor
{
    public const string Name = "bare endpoint";

    /// <returns><c>null</c> where it was not published: <c>tests/bench/run</c> does so, but for a small run.</returns>
    public static async Task<ServerProcess?> Start(World world)
    {
        var binary = Path.Combine(world.Root, "artifacts/bench/floor/KlingProxy.Bench.Floor");
        var port = ServerProcess.FreePort();
        return File.Exists(binary)
            ? await ServerProcess.Start(Name, port, world.Folder, "/health/live", new Dictionary<string, string>
            { ["ASPNETCORE_URLS"] = FormattableString.Invariant($"http://127.0.0.1:{port}") }, binary)
            : null;
    }
}
