using System.Net;
using System.Net.Sockets;
using System.Text;

namespace KlingProxy.Tests.Jobs.Reading;

/// <summary>A media host that says how long a file is, sends some of it, and then nothing more.</summary>
internal sealed class StuckMediaHost : IDisposable
{
    private readonly TcpListener listener = new(IPAddress.Loopback, 0);
    private readonly List<Socket> connections = [];

    public StuckMediaHost()
    {
        listener.Start();
        _ = Accept();
    }

    public string Authority => $"127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}";

    /// <summary>What it says, by path: whoever asks gets as many bytes as the path says, after a head that promises ten million.</summary>
    public string Url(int bytes) => $"http://{Authority}/{bytes}";

    public void Dispose()
    {
        listener.Dispose();
        lock (connections)
            connections.ForEach(connection => connection.Dispose());
    }

    private async Task Accept()
    {
        try
        {
            while (true)
                await Serve(await listener.AcceptSocketAsync());
        }
        catch (Exception error) when (error is SocketException or ObjectDisposedException)
        {
            // The test is over.
        }
    }

    private async Task Serve(Socket connection)
    {
        lock (connections)
            connections.Add(connection);
        var request = new byte[4096];
        var path = Encoding.ASCII.GetString(request, 0, await connection.ReceiveAsync(request)).Split(' ')[1];
        await connection.SendAsync(Encoding.ASCII.GetBytes("HTTP/1.1 200 OK\r\nContent-Length: 10000000\r\n\r\n"));
        await connection.SendAsync(new byte[int.Parse(path[1..], System.Globalization.CultureInfo.InvariantCulture)]);
    }
}
