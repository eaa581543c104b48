using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace KlingProxy.Tests.Fal;

/// <summary>An upstream that is not even HTTP: it reads requests whole, counts the POSTs, and does to the connection what a test tells it to.</summary>
internal sealed class RawUpstream : IAsyncDisposable
{
    private readonly TcpListener listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource stopping = new();
    private readonly ConcurrentBag<Task> connections = [];
    private readonly Task accepting;
    private int posts;

    public RawUpstream()
    {
        listener.Start();
        accepting = Accept();
    }

    public string Url => $"http://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}";

    public int Posts => Volatile.Read(ref posts);

    /// <summary>What happens after a POST has been read; the number says which one it is, from 1. <c>true</c> keeps the connection.</summary>
    public Func<Socket, int, Task<bool>> AfterPost { get; set; } = (_, _) => Task.FromResult(false);

    public static async Task<bool> Say(Socket connection, string reply)
    {
        await connection.SendAsync(Encoding.ASCII.GetBytes(reply));
        return true;
    }

    public static bool Reset(Socket connection)
    {
        connection.LingerState = new LingerOption(true, 0); // closing sends RST instead of FIN
        return false;
    }

    public static string Json(int status, string body, string? length = null) =>
        $"HTTP/1.1 {status} X\r\nContent-Type: application/json\r\nContent-Length: {length ?? Encoding.UTF8.GetByteCount(body).ToString(System.Globalization.CultureInfo.InvariantCulture)}\r\n\r\n{body}";

    public async ValueTask DisposeAsync()
    {
        await stopping.CancelAsync();
        listener.Dispose();
        await Task.WhenAll([accepting, .. connections]);
        stopping.Dispose();
    }

    private async Task Accept()
    {
        try
        {
            while (true)
                connections.Add(Serve(await listener.AcceptSocketAsync(stopping.Token)));
        }
        catch (Exception error) when (error is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // The test is over.
        }
    }

    private async Task Serve(Socket connection)
    {
        using (connection)
        {
            try
            {
                while (await ReadRequest(connection) is { } verb)
                {
                    var keep = verb == "POST"
                        ? await AfterPost(connection, Interlocked.Increment(ref posts))
                        : await Say(connection, Json(200, """{"status":"IN_QUEUE","queue_position":0}"""));
                    if (!keep)
                        return;
                }
            }
            catch (Exception error) when (error is OperationCanceledException or SocketException)
            {
                // The other side has gone.
            }
        }
    }

    /// <returns>The verb, once head and body have been read to the last byte; <c>null</c> when there is no more.</returns>
    private async Task<string?> ReadRequest(Socket connection)
    {
        var text = new StringBuilder();
        var buffer = new byte[4096];
        while (true)
        {
            var head = text.ToString();
            var end = head.IndexOf("\r\n\r\n", StringComparison.Ordinal);
            if (end >= 0 && head.Length >= end + 4 + BodyLength(head[..end]))
                return head.Split(' ')[0];
            if (await connection.ReceiveAsync(buffer, stopping.Token) is not (> 0 and var read))
                return null;
            text.Append(Encoding.Latin1.GetString(buffer, 0, read));
        }
    }

    private static int BodyLength(string head) => head.Split("\r\n")
        .Where(line => line.StartsWith("Content-Length:", StringComparison.OrdinalIgnoreCase))
        .Select(line => int.Parse(line.Split(':')[1], System.Globalization.CultureInfo.InvariantCulture))
        .FirstOrDefault();
}
