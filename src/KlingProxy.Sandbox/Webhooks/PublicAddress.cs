using System.Net;
using System.Net.Sockets;

namespace KlingProxy.Sandbox.Webhooks;

/// <summary>Addresses that fal would send a webhook to: none that is loopback, private, shared or link-local.</summary>
internal static class PublicAddress
{
    private static readonly IPNetwork[] Closed =
    [
        .. new[]
        {
            "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.168.0.0/16", "224.0.0.0/3",
            "::/128", "::1/128", "fc00::/7", "fe80::/10", "ff00::/8",
        }.Select(IPNetwork.Parse),
    ];

    public static bool Is(IPAddress address)
    {
        var plain = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        return !Closed.Any(network => network.Contains(plain));
    }

    /// <exception cref="SocketException">The name does not resolve.</exception>
    public static async Task<bool> IsBehind(Uri url, CancellationToken cancel) =>
        (await Dns.GetHostAddressesAsync(url.DnsSafeHost, cancel)).All(Is);
}
