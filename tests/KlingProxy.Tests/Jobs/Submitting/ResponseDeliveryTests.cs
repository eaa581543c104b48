using System.Net;
using System.Net.Sockets;

using KlingProxy.Jobs.Submitting;

using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http;

namespace KlingProxy.Tests.Jobs.Submitting;

/// <summary>What a connection tells of an answer, on real ones. The server has heard of no hang-up in any of them.</summary>
public sealed class ResponseDeliveryTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("waits and reads", true)]
    [InlineData("waits and does not read yet", true)] // it stands on its machine
    [InlineData("reads and leaves", true)]
    [InlineData("leaves before it is written", false)]
    [InlineData("breaks off before it is written", false)]
    [InlineData("leaves as it is written", false)]
    [InlineData("breaks off as it is written", false)]
    public async Task Has_come_to_a_caller_who(string does, bool comes)
    {
        var (caller, server) = await Connect();
        using (caller)
        using (server)
        {
            var context = new DefaultHttpContext();
            context.Features.Set<IConnectionSocketFeature>(new Connection(server));
            var arrival = new ResponseDelivery(context);
            if (does.StartsWith("breaks", StringComparison.Ordinal))
                caller.LingerState = new LingerOption(true, 0);

            if (does.EndsWith("before it is written", StringComparison.Ordinal))
                await Leave(caller, server);
            arrival.Begin();
            if (does.EndsWith("as it is written", StringComparison.Ordinal))
                await Leave(caller, server);
            await Write(server);
            if (does.Contains("reads", StringComparison.Ordinal))
                Assert.Equal(6, await caller.ReceiveAsync(new byte[100], Cancel));
            if (does == "reads and leaves")
                await Leave(caller, server);

            Assert.Equal(comes, await arrival.HasCome());
        }
    }

    // A server may end the connection before it tells the request so; the end of a connection is acknowledged, too, and counts as one byte.
    [Fact]
    public async Task Has_not_come_where_only_the_end_of_the_connection_did()
    {
        var (caller, server) = await Connect();
        using (caller)
        using (server)
        {
            var context = new DefaultHttpContext();
            context.Features.Set<IConnectionSocketFeature>(new Connection(server));
            var arrival = new ResponseDelivery(context);
            arrival.Begin();
            caller.Shutdown(SocketShutdown.Send);
            server.Shutdown(SocketShutdown.Send);
            Assert.Equal(0, await caller.ReceiveAsync(new byte[100], Cancel)); // the end has come, and no answer

            Assert.False(await arrival.HasCome());
        }
    }

    [Fact]
    public async Task Has_not_come_where_the_server_says_so() => Assert.False(await new ResponseDelivery(new DefaultHttpContext { RequestAborted = new CancellationToken(canceled: true) }).HasCome());

    [Fact]
    public async Task Has_come_where_nobody_can_tell()
    {
        var arrival = new ResponseDelivery(new DefaultHttpContext());
        arrival.Begin();

        Assert.True(await arrival.HasCome());
    }

    private static async Task<(Socket Caller, Socket Server)> Connect()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var caller = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await caller.ConnectAsync((IPEndPoint)listener.LocalEndpoint, Cancel);
        return (caller, await listener.AcceptSocketAsync(Cancel));
    }

    // Until the news of it is there, in the kernel.
    private static async Task Leave(Socket caller, Socket server)
    {
        caller.Dispose();
        await Patience.Until(() => Task.FromResult(server.Poll(TimeSpan.Zero, SelectMode.SelectRead)), async () => await Task.Yield(), "the end of the connection was there");
    }

    private static async Task Write(Socket server)
    {
        try
        {
            await server.SendAsync("answer"u8.ToArray(), Cancel);
        }
        catch (SocketException)
        {
            // It breaks; the server will hear of it.
        }
    }

    private sealed record Connection(Socket Socket) : IConnectionSocketFeature;
}
