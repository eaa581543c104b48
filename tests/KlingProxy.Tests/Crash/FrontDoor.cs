using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;

namespace KlingProxy.Tests.Crash;

/// <summary>
/// One address before all replicas, as a load balancer is: takes connections in turn to whoever lives, holds new ones while nobody does, and
/// breaks those of a replica that dies.
/// </summary>
internal sealed class FrontDoor : IAsyncDisposable
{
    private readonly TcpListener listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource closing = new();
    private readonly Lock gate = new();
    private readonly Task accepting;
    private ImmutableArray<Uri> open = [];
    private TaskCompletionSource someone = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int turn;

    public FrontDoor()
    {
        listener.Start();
        Address = new Uri($"http://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}");
        accepting = Accept();
    }

    public Uri Address { get; }

    public void Open(Uri replica)
    {
        lock (gate)
        {
            open = open.Add(replica);
            someone.TrySetResult();
        }
    }

    public void Close(Uri replica)
    {
        lock (gate)
        {
            open = open.Remove(replica);
            if (open.IsEmpty && someone.Task.IsCompleted)
                someone = new(TaskCreationOptions.RunContinuationsAsynchronously);
        }
    }

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
            _ = Relay(await listener.AcceptSocketAsync(closing.Token));
    }

    private async Task Relay(Socket caller)
    {
        using (caller)
        {
            try
            {
                using var replica = await Connect();
                await Task.WhenAny(Pump(caller, replica), Pump(replica, caller)); // whichever side ends, ends both
            }
            catch (Exception error) when (error is SocketException or OperationCanceledException or ObjectDisposedException)
            {
                // The caller sees a connection that broke.
            }
        }
    }

    private async Task<Socket> Connect()
    {
        while (true)
        {
            await Somebody().WaitAsync(closing.Token);
            if (Next() is not { } address)
                continue;
            var replica = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            try
            {
                await replica.ConnectAsync(IPAddress.Loopback, address.Port, closing.Token);
                return replica;
            }
            catch (SocketException)
            {
                replica.Dispose();
                Close(address); // it died a moment ago; nothing was sent, so another may have it
            }
        }
    }

    private Task Somebody()
    {
        lock (gate)
            return someone.Task;
    }

    private Uri? Next()
    {
        lock (gate)
            return open.IsEmpty ? null : open[turn++ % open.Length];
    }

    private async Task Pump(Socket from, Socket to)
    {
        var buffer = new byte[16 * 1024];
        try
        {
            while (await from.ReceiveAsync(buffer, closing.Token) is > 0 and var count)
                for (var sent = 0; sent < count;)
                    sent += await to.SendAsync(buffer.AsMemory(sent, count - sent), closing.Token);
        }
        catch (Exception error) when (error is SocketException or OperationCanceledException or ObjectDisposedException)
        {
            // Broken: Relay closes both ends.
        }
    }
}
