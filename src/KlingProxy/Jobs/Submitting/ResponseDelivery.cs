using System.Buffers.Binary;
using System.Net.Sockets;

using Microsoft.AspNetCore.Connections.Features;

namespace KlingProxy.Jobs.Submitting;

/// <summary>
/// Whether an answer came as far as its caller's machine. The kernel knows of a hang-up some milliseconds before the server says so, and in
/// those an answer seems to be written well; but a caller who has gone acknowledges nothing. Where the kernel does not tell, what it knew before
/// the answer was written has to do.
/// </summary>
internal sealed class ResponseDelivery(HttpContext context)
{
    /// <summary>Of Linux: the level, the option, and where in it stands how many bytes were acknowledged.</summary>
    private const int Tcp = 6, TcpInfo = 11, BytesAcknowledged = 120;

    /// <summary>The end of a connection is acknowledged like one byte more; no answer is as short.</summary>
    private const int End = 1;

    /// <summary>On the network's own time, which nobody turns.</summary>
    private static readonly TimeSpan PollEvery = TimeSpan.FromMilliseconds(1), Max = TimeSpan.FromSeconds(2);

    private readonly Socket? socket = context.Features.Get<IConnectionSocketFeature>()?.Socket;
    private bool hadGone;
    private ulong? before;

    /// <summary>Just before the answer is written.</summary>
    public void Begin() => (hadGone, before) = (CallerHasGone(), Acknowledged());

    /// <summary>After it was written.</summary>
    public async Task<bool> HasCome()
    {
        for (var since = TimeProvider.System.GetTimestamp(); !hadGone && before is { } known; await Task.Delay(PollEvery, TimeProvider.System))
        {
            if (Acknowledged() is not { } now || context.RequestAborted.IsCancellationRequested)
                return false;
            if (now > known + End)
                return true; // afterwards a caller may leave, well answered
            if (TimeProvider.System.GetElapsedTime(since) > Max)
                return false;
        }
        return !hadGone && !context.RequestAborted.IsCancellationRequested;
    }

    /// <summary>Whether the caller has hung up, as far as the kernel knows.</summary>
    public bool CallerHasGone()
    {
        if (context.RequestAborted.IsCancellationRequested)
            return true;
        try
        {
            return socket is not null && socket.Poll(TimeSpan.Zero, SelectMode.SelectRead) && socket.Available == 0; // readable without a byte: its end
        }
        catch (Exception error) when (error is SocketException or ObjectDisposedException)
        {
            return true;
        }
    }

    private ulong? Acknowledged()
    {
        if (socket is null || !OperatingSystem.IsLinux())
            return null;
        try
        {
            var info = new byte[BytesAcknowledged + sizeof(ulong)];
            var length = socket.GetRawSocketOption(Tcp, TcpInfo, info);
            return length == info.Length ? BinaryPrimitives.ReadUInt64LittleEndian(info.AsSpan(BytesAcknowledged)) : null;
        }
        catch (Exception error) when (error is SocketException or ObjectDisposedException)
        {
            return null;
        }
    }
}
