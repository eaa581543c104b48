namespace KlingProxy.Access.Limits;

/// <summary>
/// How much there may be at a time of what anybody can have many of, so that it fits into the memory that the process may use beside all else: nobody who
/// runs it in a smaller container has to know these numbers.
/// </summary>
/// <param name="Available">In bytes.</param>
internal sealed record MemoryBounds(long Available)
{
    /// <summary>Fewer would be no service; a container that cannot hold so many is too small for one.</summary>
    public const int MinConnections = 500, MaxConnections = 100_000;

    public const int MinSmallBodies = 32, MaxSmallBodies = 4096;

    /// <summary>
    /// In bytes, of one connection: a head, whose texts take twice their length, or what came of a body that nobody reads; and the server's own. Whoever
    /// watches a job needs a quarter of it, and twice that while thousands come at once (measured); but what comes need not be a watcher.
    /// </summary>
    private const long Connection = 48 * 1024;

    /// <summary>
    /// In bytes, of one body of <see cref="Http.Bodies.BoundedBody.Small"/>: what has grown to hold it, what it grew out of, and its connection.
    /// </summary>
    private const long SmallBody = 256 * 1024;

    /// <summary>What a container allows; the runtime takes three quarters of that.</summary>
    public static MemoryBounds OfProcess() => new(GC.GetGCMemoryInfo().TotalAvailableMemoryBytes);

    /// <summary>A third of it, which is a quarter of the container's: 1,365 in 256 MiB, and 5,000 watchers beside others in 1 GiB.</summary>
    public int Connections => (int)Math.Clamp(Available / 3 / Connection, MinConnections, MaxConnections);

    /// <summary>Bodies that are read without a large one's place; a sixth of it, an eighth of the container's: 128 in 256 MiB.</summary>
    public int SmallBodies => (int)Math.Clamp(Available / 6 / SmallBody, MinSmallBodies, MaxSmallBodies);

    /// <summary>The same of one caller: an eighth of them.</summary>
    public int SmallBodiesPerCaller => SmallBodies / 8;
}
