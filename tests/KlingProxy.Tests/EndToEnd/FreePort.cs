using System.Net;
using System.Net.Sockets;

namespace KlingProxy.Tests.EndToEnd;

/// <summary>Ports of the loopback address on which nobody listens yet, and nobody will by chance.</summary>
internal static class FreePort
{
    // Below those that the system gives to whoever does not care (net.ipv4.ip_local_port_range).
    private static int last = Random.Shared.Next(10_000, 25_000);

    /// <returns>Another one each time.</returns>
    public static int Next()
    {
        while (true)
        {
            try
            {
                using var listener = new TcpListener(IPAddress.Loopback, Interlocked.Increment(ref last));
                listener.Start();
                return ((IPEndPoint)listener.LocalEndpoint).Port;
            }
            catch (SocketException)
            {
                // Somebody's already.
            }
        }
    }
}
