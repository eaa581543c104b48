using System.Net;
using System.Net.Sockets;

namespace KlingProxy.Startup;

/// <summary>Whether an address can be had, tried without listening: nobody shall reach us there yet.</summary>
internal static class ListeningProbe
{
    /// <returns>Why not, to follow the address; <c>null</c> when it can.</returns>
    public static string? Fault(ListeningAddress address) =>
        address.SocketPath is { } path ? FaultOfSocket(path) : address.Port is 0 ? null : FaultOfPort(address);

    private static string? FaultOfPort(ListeningAddress address)
    {
        foreach (var host in address.Addresses)
        {
            using var socket = new Socket(host.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
            try
            {
                if (host.Equals(IPAddress.IPv6Any))
                    socket.DualMode = true;
                socket.Bind(new IPEndPoint(host, address.Port));
            }
            catch (SocketException error) when (error.SocketErrorCode is SocketError.AddressAlreadyInUse)
            {
                return "is taken by another process.";
            }
            catch (SocketException error) when (error.SocketErrorCode is SocketError.AccessDenied)
            {
                return "may not be taken by this user; ports below 1024 are root's.";
            }
            catch (SocketException) when (address.IsLocalhost && host.Equals(IPAddress.IPv6Loopback))
            {
                // A machine without IPv6 listens at the other one alone.
            }
            catch (SocketException error)
            {
                return $"cannot be used: {error.Message}.";
            }
        }
        return null;
    }

    // The file is there while this runs, and goes with the socket; one that was there before stays.
    private static string? FaultOfSocket(string path)
    {
        try
        {
            using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            socket.Bind(new UnixDomainSocketEndPoint(path));
            return null;
        }
        catch (SocketException error) when (error.SocketErrorCode is SocketError.AddressAlreadyInUse)
        {
            return "is taken by another process, or left by one that was killed: then remove the file.";
        }
        catch (SocketException error)
        {
            return $"cannot be used: {error.Message}.";
        }
        catch (ArgumentException)
        {
            return "is longer than the path of a socket may be.";
        }
    }
}
