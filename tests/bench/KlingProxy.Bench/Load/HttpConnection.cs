using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace KlingProxy.Bench.Load;

/// <summary>One kept connection that sends requests as bytes made before, and reads of an answer what tells where it ends: it must cost less than what it measures.</summary>
internal sealed class HttpConnection : IDisposable
{
    private readonly Socket socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    private byte[] buffer = new byte[16 * 1024];
    private int bodyStart, end;

    /// <summary>The last answer's.</summary>
    public string Head => Encoding.ASCII.GetString(buffer, 0, bodyStart);

    /// <summary>The last answer's, as it came: in chunks, where it came in chunks.</summary>
    public string Body => Encoding.UTF8.GetString(buffer, bodyStart, end - bodyStart);

    public static async Task<HttpConnection> Open(int port)
    {
        var connection = new HttpConnection();
        await connection.socket.ConnectAsync(IPAddress.Loopback, port);
        return connection;
    }

    /// <returns>The status.</returns>
    /// <exception cref="IOException">The connection broke before the answer was whole.</exception>
    public async ValueTask<int> Call(ReadOnlyMemory<byte> request)
    {
        for (var sent = 0; sent < request.Length;)
            sent += await socket.SendAsync(request[sent..]); // not by the method below, whose task each request would pay for

        var (filled, head) = (0, -1);
        long? length = null;
        while (true)
        {
            if (filled == buffer.Length)
                Array.Resize(ref buffer, buffer.Length * 2);
            var read = await socket.ReceiveAsync(buffer.AsMemory(filled));
            if (read == 0)
                throw new IOException($"The server closed the connection after {filled} bytes of an answer.");
            filled += read;
            if (head < 0)
            {
                if ((head = buffer.AsSpan(0, filled).IndexOf("\r\n\r\n"u8)) < 0)
                    continue;
                bodyStart = head + 4;
                length = LengthIn(buffer.AsSpan(0, head));
            }
            if (length is { } known ? filled - bodyStart >= known : EndsInChunks(buffer.AsSpan(bodyStart, filled - bodyStart)))
            {
                end = filled;
                return Status;
            }
        }
    }

    /// <summary>Asks, and reads nothing of the answer.</summary>
    public async Task Send(ReadOnlyMemory<byte> request)
    {
        for (var sent = 0; sent < request.Length;)
            sent += await socket.SendAsync(request[sent..]);
    }

    /// <summary>Asks once, and reads until the other side has sent everything, keeping nothing.</summary>
    /// <returns>Bytes of the body; -1 where the status is no success.</returns>
    public async Task<long> Drain(ReadOnlyMemory<byte> request)
    {
        await Send(request);
        Array.Resize(ref buffer, 256 * 1024);
        var (filled, head) = (0, -1);
        while (head < 0)
        {
            var read = await socket.ReceiveAsync(buffer.AsMemory(filled));
            if (read == 0)
                throw new IOException("The server closed the connection before it answered.");
            filled += read;
            head = buffer.AsSpan(0, filled).IndexOf("\r\n\r\n"u8);
        }
        if (Status is < 200 or > 299)
            return -1;
        var (total, length) = (filled - head - 4L, LengthIn(buffer.AsSpan(0, head)) ?? long.MaxValue);
        while (total < length && await socket.ReceiveAsync(buffer.AsMemory()) is > 0 and var more)
            total += more;
        return total;
    }

    public void Dispose() => socket.Dispose();

    private int Status => ((buffer[9] - '0') * 100) + ((buffer[10] - '0') * 10) + (buffer[11] - '0');

    private long? LengthIn(ReadOnlySpan<byte> head)
    {
        if (Status is 204 or 304)
            return 0;
        var name = "content-length:"u8;
        for (var line = head.IndexOf((byte)'\n') + 1; line > 0 && line < head.Length;)
        {
            var rest = head[line..];
            if (rest.Length > name.Length && Ascii.EqualsIgnoreCase(rest[..name.Length], name))
            {
                var value = rest[name.Length..];
                var stop = value.IndexOf((byte)'\r');
                return long.Parse(value[..(stop < 0 ? value.Length : stop)].Trim((byte)' '), NumberStyles.None, CultureInfo.InvariantCulture);
            }
            var next = rest.IndexOf((byte)'\n');
            line = next < 0 ? -1 : line + next + 1;
        }
        return null;
    }

    // Bodies that come so are small here: each look begins at the first chunk.
    private static bool EndsInChunks(ReadOnlySpan<byte> body)
    {
        while (true)
        {
            var line = body.IndexOf("\r\n"u8);
            if (line < 0)
                return false;
            var size = int.Parse(body[..line], NumberStyles.HexNumber, CultureInfo.InvariantCulture);
            if (body.Length < line + 2 + size + 2)
                return false;
            if (size == 0)
                return true;
            body = body[(line + 2 + size + 2)..];
        }
    }
}
