using System.Diagnostics;

namespace KlingProxy.Bench.Load;

/// <summary>Several callers at once, each on a connection of its own, each waiting for its answer before it asks again.</summary>
internal sealed class HttpLoad : IDisposable
{
    private readonly IReadOnlyList<HttpConnection> connections;

    private HttpLoad(IReadOnlyList<HttpConnection> connections) => this.connections = connections;

    public static async Task<HttpLoad> Open(int port, int callers)
    {
        var connections = new List<HttpConnection>();
        for (var caller = 0; caller < callers; caller++)
            connections.Add(await HttpConnection.Open(port));
        return new HttpLoad(connections);
    }

    /// <param name="request">The bytes that a caller, by its number, sends as the n-th request of all.</param>
    public Task<LoadOutcome> Run(TimeSpan time, int expected, Func<int, long, ReadOnlyMemory<byte>> request) => Run(long.MaxValue, time, expected, request);

    public Task<LoadOutcome> Run(long requests, int expected, Func<int, long, ReadOnlyMemory<byte>> request) =>
        Run(requests, TimeSpan.FromMinutes(10), expected, request);

    public void Dispose()
    {
        foreach (var connection in connections)
            connection.Dispose();
    }

    /// <summary>As many as are asked for, or as fit into the time, whichever ends first.</summary>
    public async Task<LoadOutcome> Run(long requests, TimeSpan time, int expected, Func<int, long, ReadOnlyMemory<byte>> request)
    {
        var (next, started) = (0L, Stopwatch.GetTimestamp());
        var deadline = started + (long)(time.TotalSeconds * Stopwatch.Frequency);
        var waits = await Task.WhenAll(connections.Select((connection, caller) => Task.Run(() => Call(connection, caller))));
        return new LoadOutcome(Stopwatch.GetElapsedTime(started), [.. waits.SelectMany(wait => wait)]);

        async Task<List<double>> Call(HttpConnection connection, int caller)
        {
            var waited = new List<double>();
            while (Stopwatch.GetTimestamp() < deadline && Interlocked.Increment(ref next) is var number && number <= requests)
            {
                var (bytes, began) = (request(caller, number - 1), Stopwatch.GetTimestamp());
                if (await connection.Call(bytes) is var status && status != expected)
                    throw new UnexpectedAnswerException($"Expected {expected}, got {status}: {connection.Body}");
                waited.Add(Stopwatch.GetElapsedTime(began).TotalMilliseconds);
            }
            return waited;
        }
    }
}

/// <param name="Waits">Of every request, in milliseconds.</param>
internal sealed record LoadOutcome(TimeSpan Elapsed, IReadOnlyList<double> Waits)
{
    public int Count => Waits.Count;

    public double PerSecond => Count / Elapsed.TotalSeconds;
}

/// <summary>A contestant that answers something else does not do the work that is measured.</summary>
internal sealed class UnexpectedAnswerException(string message) : Exception(message);
