using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

using Npgsql;

namespace KlingProxy.Tests.Storage.Postgres;

/// <summary>
/// What a pooler that hands each transaction to a session of its choice is for its clients: it names sessions by numbers of its own, and what is announced
/// reaches nobody.
/// </summary>
internal sealed class PoolerWire : IAsyncDisposable
{
    private const byte BackendKeyData = (byte)'K', NotificationResponse = (byte)'A';

    private readonly TcpListener listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource closing = new();
    private readonly NpgsqlConnectionStringBuilder server;
    private readonly Task accepting;
    private int questions;

    public PoolerWire(string connection)
    {
        server = new NpgsqlConnectionStringBuilder(connection);
        listener.Start();
        accepting = Accept();
    }

    /// <summary>The same database, by way of this, and readable to it.</summary>
    public string Connection => new NpgsqlConnectionStringBuilder(server.ConnectionString)
    {
        Host = "127.0.0.1",
        Port = ((IPEndPoint)listener.LocalEndpoint).Port,
        SslMode = SslMode.Disable,
        GssEncryptionMode = GssEncryptionMode.Disable,
    }.ConnectionString;

    /// <summary>What whoever listens has asked since.</summary>
    public int Questions => Volatile.Read(ref questions);

    public async ValueTask DisposeAsync()
    {
        await closing.CancelAsync();
        listener.Dispose();
        await accepting.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        closing.Dispose();
    }

    private async Task Accept()
    {
        while (true)
        {
            var client = new NetworkStream(await listener.AcceptSocketAsync(closing.Token), ownsSocket: true);
            var upstream = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            await upstream.ConnectAsync(server.Host!, server.Port, closing.Token);
            var session = new NetworkStream(upstream, ownsSocket: true);
            _ = Both(Ask(client, session), Answer(session, client), client, session);
        }
    }

    private static async Task Both(Task ask, Task answer, Stream client, Stream session)
    {
        await Task.WhenAny(ask, answer);
        await client.DisposeAsync();
        await session.DisposeAsync();
        await Task.WhenAll(ask, answer).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private async Task Ask(Stream client, Stream session)
    {
        var (buffer, listens) = (new byte[16 * 1024], false);
        while (await client.ReadAsync(buffer, closing.Token) is > 0 and var count)
        {
            if (listens)
                Interlocked.Increment(ref questions);
            listens |= buffer.AsSpan(0, count).IndexOf("LISTEN klingproxy"u8) >= 0;
            await session.WriteAsync(buffer.AsMemory(0, count), closing.Token);
        }
    }

    // Each message has a letter, and its length with that of the length.
    private async Task Answer(Stream session, Stream client)
    {
        var head = new byte[5];
        while (true)
        {
            await session.ReadExactlyAsync(head, closing.Token);
            var body = new byte[BinaryPrimitives.ReadInt32BigEndian(head.AsSpan(1)) - sizeof(int)];
            await session.ReadExactlyAsync(body, closing.Token);
            if (head[0] == BackendKeyData)
                body[3] ^= 1;
            if (head[0] == NotificationResponse)
                continue;
            await client.WriteAsync(head, closing.Token);
            await client.WriteAsync(body, closing.Token);
        }
    }
}
