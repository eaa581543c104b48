using System.Buffers;
using System.Net;
using System.Net.Sockets;
using System.Text;

using KlingProxy.Http.Pieces;

using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace KlingProxy.Tests.Http.Pieces;

public sealed class PieceTests
{
    private const int Length = 4 * 1024 * 1024, Small = 4096;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Room_is_large_for_whoever_receives_a_large_body_and_for_nobody_else()
    {
        using var pool = new PiecePools(new SmallPools()).Create();
        Assert.Equal(Small, await Asked(pool));

        await Task.Run(async () =>
        {
            var size = PieceSize.OfNextConnection();
            Assert.Equal(Small, await Asked(pool));
            using (size.Enlarge())
            {
                using (size.Enlarge()) // another stream of the same connection
                    Assert.Equal(Piece.Size, await Asked(pool));
                Assert.Equal(Piece.Size, await Asked(pool));
            }
            Assert.Equal(Small, await Asked(pool));
        }, Cancel);
        Assert.Equal(Small, await Asked(pool));
    }

    [Fact]
    public async Task Room_is_large_for_whoever_sends_a_film_and_only_in_there()
    {
        using var pool = new PiecePools(new SmallPools()).Create();

        Assert.Equal(Piece.Size, await SendingFilm());
        Assert.Equal(Small, await Asked(pool));

        async Task<int> SendingFilm()
        {
            PieceSize.SendLarge();
            return await Asked(pool);
        }
    }

    /// <summary>Over a real socket: a body without a place comes in pieces of 4 KiB, one with a place in some that hold sixteen times as much.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_large_body_comes_in_large_pieces(bool hasPlace)
    {
        List<int> pieces = [];
        await using var server = await Start(async context =>
        {
            using var large = hasPlace ? context.Features.Get<PieceSize>()!.Enlarge() : null;
            for (var isOver = false; !isOver;)
            {
                var read = await context.Request.BodyReader.ReadAsync(Cancel);
                foreach (var piece in read.Buffer)
                    pieces.Add(piece.Length);
                context.Request.BodyReader.AdvanceTo(read.Buffer.End);
                isOver = read.IsCompleted;
            }
        });
        using var socket = await Connect(server);
        var head = $"POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: {Length}\r\n\r\n";

        var body = (byte[])[.. Encoding.ASCII.GetBytes(head), .. new byte[Length]];
        for (var sent = 0; sent < body.Length;)
            sent += await socket.SendAsync(body.AsMemory(sent), Cancel);
        await Answer(socket);

        Assert.Equal(Length, pieces.Sum());
        Assert.All(pieces, piece => Assert.InRange(piece, 0, hasPlace ? Piece.Size : Small));
        if (hasPlace)
            Assert.Contains(pieces, piece => piece > Small);
    }

    /// <summary>What a connection holds of bodies that nobody reads is bounded by small pieces.</summary>
    [Fact]
    public async Task A_connection_is_small_again_when_its_large_body_is_over()
    {
        PieceSize? size = null;
        await using var server = await Start(context =>
        {
            size = context.Features.Get<PieceSize>();
            context.Response.RegisterForDispose(size!.Enlarge());
            return Task.CompletedTask;
        });
        using var socket = await Connect(server);

        await socket.SendAsync("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"u8.ToArray(), Cancel);
        await Answer(socket);

        await server.StopAsync(Cancel);
        Assert.False(size!.IsEnlarged);
    }

    [Fact]
    public void A_piece_is_given_back_once_however_often_somebody_lets_go_of_it()
    {
        var piece = new Piece();
        var bytes = piece.Bytes;

        piece.Dispose();
        piece.Dispose();

        Assert.Throws<ObjectDisposedException>(() => piece.Bytes);
        Piece[] others = [.. Enumerable.Range(0, 64).Select(_ => new Piece())];
        Assert.InRange(others.Count(other => ReferenceEquals(other.Bytes, bytes)), 0, 1);
        Assert.All(others, other => Assert.Equal(Piece.Size, other.Memory.Length));
        Array.ForEach(others, other => other.Dispose());
    }

    private static async Task<int> Asked(MemoryPool<byte> pool)
    {
        await Task.Yield(); // as a connection does, which waits in between
        using var room = pool.Rent(Small);
        return room.Memory.Length;
    }

    private static async Task<WebApplication> Start(RequestDelegate handle)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        builder.Services.AddPieces();
        var server = builder.Build();
        server.Run(handle);
        await server.StartAsync(Cancel);
        return server;
    }

    private static async Task<Socket> Connect(WebApplication server)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(IPAddress.Loopback, new Uri(server.Urls.Single()).Port, Cancel);
        return socket;
    }

    private static async Task Answer(Socket socket)
    {
        var (text, buffer) = ("", new byte[4096]);
        while (await socket.ReceiveAsync(buffer, Cancel) is > 0 and var read)
            text += Encoding.ASCII.GetString(buffer, 0, read);
        Assert.StartsWith("HTTP/1.1 200", text, StringComparison.Ordinal);
    }

    private sealed class SmallPools : IMemoryPoolFactory<byte>
    {
        public MemoryPool<byte> Create(MemoryPoolOptions? options = null) => new SmallPool();

        private sealed class SmallPool : MemoryPool<byte>
        {
            public override int MaxBufferSize => Small;

            public override IMemoryOwner<byte> Rent(int minBufferSize = -1) => new Room();

            protected override void Dispose(bool disposing)
            {
            }
        }

        private sealed class Room : IMemoryOwner<byte>
        {
            public Memory<byte> Memory { get; } = new byte[Small];

            public void Dispose()
            {
            }
        }
    }
}
