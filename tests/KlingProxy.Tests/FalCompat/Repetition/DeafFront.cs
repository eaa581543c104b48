using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace KlingProxy.Tests.FalCompat.Repetition;

/// <summary>
/// A front that does not pass on a hang-up, as the development servers of Next, Vite and create-react-app: whoever hangs up in front of it is,
/// behind it, still waiting. What the service says then goes nowhere.
/// </summary>
internal sealed class DeafFront : IAsyncDisposable
{
    private readonly TcpListener listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource closing = new();
    private readonly ConcurrentBag<Socket> held = [];
    private readonly Task accepting;
    private readonly Uri service;
    private int requests;

    public DeafFront(Uri service)
    {
        this.service = service;
        listener.Start();
        accepting = Accept();
    }

    /// <summary>How many came, each in one piece. A client that gave up before it was connected may use the connection for its next.</summary>
    public int Requests => Volatile.Read(ref requests);

    public Uri Address => new($"http://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}");

    public async ValueTask DisposeAsync()
    {
        await closing.CancelAsync();
        listener.Dispose();
        await accepting.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        foreach (var socket in held)
            socket.Dispose();
        closing.Dispose();
    }

    private async Task Accept()
    {
        while (true)
        {
            var caller = await listener.AcceptSocketAsync(closing.Token);
            var upstream = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            held.Add(upstream); // until the test is over, whatever becomes of the caller
            await upstream.ConnectAsync(IPAddress.Loopback, service.Port, closing.Token);
            _ = Pass(caller, upstream, () => Interlocked.Increment(ref requests));
            _ = Pass(upstream, caller, () => { }).ContinueWith(_ => caller.Dispose(), TaskScheduler.Default);
        }
    }

    // Reads on when nobody takes it any more.
    private async Task Pass(Socket from, Socket to, Action passes)
    {
        var (buffer, isHeard) = (new byte[16 * 1024], true);
        try
        {
            while (await from.ReceiveAsync(buffer, closing.Token) is > 0 and var count)
            {
                isHeard = isHeard && await Send(to, buffer.AsMemory(0, count));
                passes();
            }
        }
        catch (Exception error) when (error is SocketException or OperationCanceledException or ObjectDisposedException)
        {
            // This side has gone; the other is not told.
        }
    }

    private static async Task<bool> Send(Socket to, Memory<byte> bytes)
    {
        try
        {
            while (bytes.Length > 0)
                bytes = bytes[await to.SendAsync(bytes)..];
            return true;
        }
        catch (Exception error) when (error is SocketException or ObjectDisposedException)
        {
            return false;
        }
    }
}
