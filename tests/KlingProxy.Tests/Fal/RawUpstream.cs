using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace KlingProxy.Tests.Fal;

/// <summary>An upstream that is not even HTTP: it reads requests, counts the POSTs, and does to the connection what a test tells it to.</summary>
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

    /// <summary>What is said to a POST of a path, where that is all that happens after it.</summary>
    public Func<string, string>? AnswerPost { get; set; }

    /// <summary>How much of a POST's body is read before that: 0 is its head only, 1 all of it.</summary>
    public double BodyRead { get; set; } = 1;

    /// <summary>What is said to a GET or PUT of a path.</summary>
    public Func<string, string> Answer { get; set; } = _ => Json(200, """{"status":"IN_QUEUE","queue_position":0}""");

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

    public static string Json(int status, string body, string? length = null, string headers = "") =>
        $"HTTP/1.1 {status} X\r\nContent-Type: application/json\r\n{headers}Content-Length: {length ?? Encoding.UTF8.GetByteCount(body).ToString(System.Globalization.CultureInfo.InvariantCulture)}\r\n\r\n{body}";

    public async ValueTask DisposeAsync()
    {
        await stopping.CancelAsync();
        listener.Dispose();
        await Task.WhenAll([accepting, .. connections]).Within("every connection of the upstream had ended");
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
                while (await ReadRequest(connection) is { } request)
                {
                    var keep = request.Post is not null && AnswerPost is { } answer ? await Say(connection, answer(request.Path)) : request.Post is { } number ? await AfterPost(connection, number) : await Say(connection, Answer(request.Path));
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

    /// <returns>The request, once as much of it has been read as a test wants; <c>null</c> when there is no more. A POST counts from its head on.</returns>
    private async Task<(string Path, int? Post)?> ReadRequest(Socket connection)
    {
        var text = new StringBuilder();
        var buffer = new byte[4096];
        var post = default(int?);
        while (true)
        {
            var read = text.ToString();
            var end = read.IndexOf("\r\n\r\n", StringComparison.Ordinal);
            if (end >= 0)
            {
                var isPost = read.StartsWith("POST ", StringComparison.Ordinal);
                if (isPost)
                    post ??= Interlocked.Increment(ref posts);
                if (read.Length >= end + 4 + (BodyLength(read[..end]) * (isPost ? BodyRead : 1)))
                    return (read.Split(' ')[1], post);
            }
            if (await connection.ReceiveAsync(buffer, stopping.Token) is not (> 0 and var length))
                return null;
            text.Append(Encoding.Latin1.GetString(buffer, 0, length));
        }
    }

    private static int BodyLength(string head) => head.Split("\r\n")
        .Where(line => line.StartsWith("Content-Length:", StringComparison.OrdinalIgnoreCase))
        .Select(line => int.Parse(line.Split(':')[1], System.Globalization.CultureInfo.InvariantCulture))
        .FirstOrDefault();
}
