using System.Net;
using System.Net.Sockets;

namespace KlingProxy.Access.Network;

/// <summary>Who a caller without a name is: their address. In IPv6 the first 64 bits, since one household or one server commands all the rest.</summary>
internal static class CallerAddress
{
    private const int NetworkBytes = 8;

    /// <summary>Of the connection, or what a trusted proxy says of it.</summary>
    public static string Of(HttpContext context) => Of(context.Connection.RemoteIpAddress);

    public static string Of(IPAddress? address)
    {
        if (address is null)
            return "local"; // a Unix socket
        if (address.IsIPv4MappedToIPv6)
            address = address.MapToIPv4(); // a socket that listens for both families writes the old one so
        if (address.AddressFamily != AddressFamily.InterNetworkV6 || IPAddress.IsLoopback(address))
            return address.ToString();

        var bytes = address.GetAddressBytes();
        bytes.AsSpan(NetworkBytes).Clear();
        return $"{new IPAddress(bytes)}/64";
    }
}
