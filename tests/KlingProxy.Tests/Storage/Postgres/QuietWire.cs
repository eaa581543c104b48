using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

using Npgsql;

namespace KlingProxy.Tests.Storage.Postgres;

/// <summary>
/// A network between a replica and its PostgreSQL. On request whoever listens there hears nothing more, and is not told: its connection stays open and silent,
/// as behind a firewall that has forgotten it. All others go on.
/// </summary>
internal sealed class QuietWire : IAsyncDisposable
{
    private readonly TcpListener listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource closing = new();
    private readonly ConcurrentBag<Socket> open = [];
    private readonly NpgsqlConnectionStringBuilder server;
    private readonly Task accepting;
    private volatile bool isQuiet;

    /// <param name="connection">Of the server, as an operator would write it.</param>
    public QuietWire(string connection)
    {
        server = new NpgsqlConnectionStringBuilder(connection);
        listener.Start();
        accepting = Accept();
    }

    /// <summary>The same database, by way of this.</summary>
    public string Connection => new NpgsqlConnectionStringBuilder(server.ConnectionString)
    {
        Host = "127.0.0.1",
        Port = ((IPEndPoint)listener.LocalEndpoint).Port,
    }.ConnectionString;

    /// <summary>Whether those who listen hear nothing; what is said meanwhile is lost, and who has lost anything hears nothing again but on a new connection.</summary>
    public bool IsQuiet
    {
        get => isQuiet;
        set => isQuiet = value;
    }

    public async ValueTask DisposeAsync()
    {
        await closing.CancelAsync();
        listener.Dispose();
        await accepting.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        foreach (var socket in open)
            socket.Dispose();
        closing.Dispose();
    }

    private async Task Accept()
    {
        while (true)
        {
            var replica = await listener.AcceptSocketAsync(closing.Token);
            var upstream = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            open.Add(replica);
            open.Add(upstream);
            await upstream.ConnectAsync(server.Host!, server.Port, closing.Token);
            var listens = new TaskCompletionSource();
            _ = Pass(replica, upstream, bytes =>
            {
                if (bytes.IndexOf("LISTEN klingproxy"u8) >= 0)
                    listens.TrySetResult();
                return true;
            });
            var isMute = false; // for good: a connection that has lost bytes never goes on as if nothing had been
            _ = Pass(upstream, replica, _ => !(isMute |= IsQuiet && listens.Task.IsCompleted));
        }
    }

    private delegate bool MayPass(ReadOnlySpan<byte> bytes);

    private async Task Pass(Socket from, Socket to, MayPass mayPass)
    {
        var buffer = new byte[16 * 1024];
        try
        {
            while (await from.ReceiveAsync(buffer, closing.Token) is > 0 and var count)
                if (mayPass(buffer.AsSpan(0, count)))
                    for (var sent = 0; sent < count;)
                        sent += await to.SendAsync(buffer.AsMemory(sent, count - sent), closing.Token);
        }
        catch (Exception error) when (error is SocketException or OperationCanceledException or ObjectDisposedException)
        {
            // One side has gone.
        }
        to.Dispose();
    }
}
