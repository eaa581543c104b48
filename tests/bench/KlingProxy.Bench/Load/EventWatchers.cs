using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace KlingProxy.Bench.Load;

/// <summary>Many who watch one job, each on a connection of its own, and the moment at which each hears of its end.</summary>
internal sealed class EventWatchers : IDisposable
{
    private static readonly byte[] End = "\"status\":\"completed\""u8.ToArray();

    private readonly List<Socket> sockets = [];
    private readonly List<Task<long>> ends = [];

    /// <summary>Returns when every one of them has been sent a first event.</summary>
    public static async Task<EventWatchers> Open(int port, int count, ReadOnlyMemory<byte> request)
    {
        var watchers = new EventWatchers();
        try
        {
            for (var opened = 0; opened < count;)
            {
                var first = Enumerable.Range(0, Math.Min(50, count - opened)).Select(_ => watchers.Add(port, request)).ToList();
                opened += first.Count;
                await Task.WhenAll(first);
            }
            return watchers;
        }
        catch
        {
            watchers.Dispose();
            throw;
        }
    }

    /// <returns>For each, how long after <paramref name="since"/> it heard of the end, in milliseconds.</returns>
    public async Task<IReadOnlyList<double>> HearEnd(long since) =>
        [.. (await Task.WhenAll(ends).WaitAsync(TimeSpan.FromMinutes(1))).Select(heard => Stopwatch.GetElapsedTime(since, heard).TotalMilliseconds)];

    public void Dispose()
    {
        foreach (var socket in sockets)
            socket.Dispose();
    }

    private async Task Add(int port, ReadOnlyMemory<byte> request)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        lock (sockets)
            sockets.Add(socket);
        await socket.ConnectAsync(IPAddress.Loopback, port);
        await socket.SendAsync(request);

        var (buffer, filled) = (new byte[4096], 0);
        while (buffer.AsSpan(0, filled).IndexOf("data:"u8) < 0)
        {
            if (await socket.ReceiveAsync(buffer.AsMemory(filled)) is > 0 and var read)
                filled += read;
            else
                throw new UnexpectedAnswerException($"A watcher was sent away: {System.Text.Encoding.UTF8.GetString(buffer, 0, filled)}");
            if (filled > 12 && !buffer.AsSpan(9, 3).SequenceEqual("200"u8))
                throw new UnexpectedAnswerException($"A watcher was refused: {System.Text.Encoding.UTF8.GetString(buffer, 0, filled)}");
        }
        lock (ends)
            ends.Add(HearEnd(socket, buffer));
    }

    private static async Task<long> HearEnd(Socket socket, byte[] buffer)
    {
        for (var kept = 0; ;)
        {
            var read = await socket.ReceiveAsync(buffer.AsMemory(kept));
            var now = Stopwatch.GetTimestamp();
            if (read == 0)
                throw new UnexpectedAnswerException("A watcher's stream ended without the end of the job.");
            var seen = buffer.AsSpan(0, kept + read);
            if (seen.IndexOf(End) >= 0)
                return now;
            // The words may come in two pieces.
            kept = Math.Min(End.Length - 1, seen.Length);
            seen[^kept..].CopyTo(buffer);
        }
    }
}
