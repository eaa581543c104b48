using System.Net;

using Microsoft.AspNetCore.HttpOverrides;

using IPNetwork = System.Net.IPNetwork; // the framework has an older one of its own

namespace KlingProxy.Access.Network;

/// <summary>Whose word on where a call really came from is believed: only that of the proxies that the operator listed, from the nearest outwards.</summary>
internal static class TrustedProxies
{
    /// <returns>An address as the network of it alone; <c>null</c> for anything else.</returns>
    public static IPNetwork? Parse(string text) =>
        IPAddress.TryParse(text, out var address) ? new IPNetwork(address, address.GetAddressBytes().Length * 8)
        : IPNetwork.TryParse(text, out var network) ? network
        : null;

    public static void UseTrustedProxies(this IApplicationBuilder app, IEnumerable<string> proxies)
    {
        IPNetwork[] networks = [.. proxies.Select(Parse).OfType<IPNetwork>()];
        if (networks is [])
            return;

        var options = new ForwardedHeadersOptions
        {
            ForwardedHeaders = ForwardedHeaders.XForwardedFor | ForwardedHeaders.XForwardedProto | ForwardedHeaders.XForwardedHost,
            ForwardLimit = null, // as far as each one that passes it on is listed
        };
        options.KnownProxies.Clear();
        options.KnownIPNetworks.Clear(); // loopback stands there by default
        foreach (var network in networks)
            options.KnownIPNetworks.Add(network);
        app.UseForwardedHeaders(options);
    }
}
