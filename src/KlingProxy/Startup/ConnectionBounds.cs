using KlingProxy.Access.Limits;
using KlingProxy.Http.Pieces;
using KlingProxy.Http.Problems;

using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;

namespace KlingProxy.Startup;

/// <summary>What a connection may hold, and how slow it may be, before anybody knows who it is.</summary>
internal static class ConnectionBounds
{
    /// <summary>
    /// In bytes. Routes have smaller limits and count for themselves; of what they refuse the server hears out as much as this, so that the sender sees the
    /// reason.
    /// </summary>
    private const long MaxBodyBytes = 64 * 1024 * 1024;

    /// <summary>
    /// Slower than this and it is no client but somebody who holds connections. A body that fits into the grace may come as slowly as it likes.
    /// </summary>
    private static readonly MinDataRate MinBodyRate = new(bytesPerSecond: 1024, gracePeriod: TimeSpan.FromSeconds(10));

    private static readonly TimeSpan MaxHeadTime = TimeSpan.FromSeconds(10);

    /// <summary>
    /// In bytes; what a connection holds of a body that comes faster than it can be passed on, or that nobody reads. The default, 1 MiB, is most of what an
    /// upload takes.
    /// </summary>
    private const int ReadAhead = 32 * 1024;

    /// <summary>
    /// In bytes, of all headers together: a signed-in user's token has up to 8 KiB. The request line, with our longest links, is counted apart (8 KiB).
    /// </summary>
    private const int MaxHeadBytes = 16 * 1024;

    /// <summary>In bytes; the least that HTTP/2 allows. Its default is a megabyte of each connection.</summary>
    private const int ReadAheadOfHttp2 = 64 * 1024;

    /// <summary>Orchestrators kill after 30 seconds, some after 20; what was begun at fal is recorded well before.</summary>
    private static readonly TimeSpan ShutdownTimeout = TimeSpan.FromSeconds(18);

    public static void LimitConnections(this WebApplicationBuilder builder)
    {
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = ShutdownTimeout);
        builder.Services.Configure<SocketTransportOptions>(sockets => sockets.MaxReadBufferSize = ReadAhead);
        builder.Services.AddPieces();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.ConfigureEndpointDefaults(listen => listen.ExplainOwnRefusals());
            kestrel.Limits.MaxRequestBodySize = MaxBodyBytes;
            kestrel.Limits.MinRequestBodyDataRate = MinBodyRate;
            kestrel.Limits.RequestHeadersTimeout = MaxHeadTime;
            kestrel.Limits.MaxRequestBufferSize = ReadAhead;
            kestrel.Limits.MaxConcurrentConnections = MemoryBounds.OfProcess().Connections;
            kestrel.Limits.MaxRequestHeadersTotalSize = kestrel.Limits.Http2.MaxRequestHeaderFieldSize = MaxHeadBytes;
            kestrel.Limits.Http2.InitialConnectionWindowSize = kestrel.Limits.Http2.InitialStreamWindowSize = ReadAheadOfHttp2;
        });
    }
}
