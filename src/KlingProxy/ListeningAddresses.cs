using System.Net;
using System.Net.Sockets;

using KlingProxy.Settings;

namespace KlingProxy;

/// <summary>Where the service shall listen, as the platform reads it, looked at before anything is opened.</summary>
internal static class ListeningAddresses
{
    private const string ByDefault = "http://localhost:8080";

    /// <summary>The platform's own default is another port, and its own reading takes an empty text for an address.</summary>
    public static void ListenByDefault(this WebApplicationBuilder builder)
    {
        if (Said(builder.Configuration) is [])
            builder.WebHost.UseUrls(ByDefault);
    }

    /// <returns>One sentence for each address at which nobody could listen.</returns>
    public static IEnumerable<string> Faults(IConfiguration configuration) =>
        from said in Said(configuration) is { Length: > 0 } addresses ? addresses : [("ASPNETCORE_URLS", ByDefault)]
        let fault = Fault(said.Address)
        where fault is not null
        select $"{said.Setting}: {said.Address} {fault}";

    /// <returns>A sentence for an address that somebody took in the meantime, or that only the server itself could judge; <c>null</c> for anything else.</returns>
    public static string? Fault(Exception error) => error switch
    {
        IOException { InnerException: Microsoft.AspNetCore.Connections.AddressInUseException } or SocketException { SocketErrorCode: SocketError.AddressAlreadyInUse or SocketError.AccessDenied } =>
            $"ASPNETCORE_URLS: {error.Message}",
        _ => null,
    };

    /// <returns>Where this machine reaches the service; <c>null</c> where the system chooses the port, or there is no port at all.</returns>
    public static string? OnThisMachine(IConfiguration configuration)
    {
        foreach (var (_, text) in Said(configuration) is { Length: > 0 } said ? said : [("", ByDefault)])
            if (TryParse(text, out var address) && address is { IsUnixPipe: false, Scheme: "http", Port: > 0 })
                return string.Create(System.Globalization.CultureInfo.InvariantCulture, $"http://{NearHost(address.Host)}:{address.Port}");
        return null;
    }

    // By name where it may be: AllowedHosts, if it is limited at all, has localhost for the health check.
    private static string NearHost(string host) =>
        IPAddress.TryParse(host, out var own) && !IPAddress.IsLoopback(own) && !own.Equals(IPAddress.Any) && !own.Equals(IPAddress.IPv6Any) ? host : "localhost";

    // URLS wins over the ports. Each may name several.
    private static (string Setting, string Address)[] Said(IConfiguration configuration) =>
        configuration.Said("urls") is { } urls
            ? [.. Several(urls).Select(url => ("ASPNETCORE_URLS", url))]
            : [.. Ports(configuration, "http"), .. Ports(configuration, "https")];

    private static IEnumerable<(string Setting, string Address)> Ports(IConfiguration configuration, string scheme) =>
        Several(configuration.Said($"{scheme}_ports") ?? "").Select(port => ($"ASPNETCORE_{scheme.ToUpperInvariant()}_PORTS", $"{scheme}://*:{port}"));

    private static string[] Several(string text) => text.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    private static string? Fault(string text)
    {
        if (!TryParse(text, out var address) || address.Scheme is not ("http" or "https") || address.PathBase.Length > 0)
            return "is no address to listen at. Write http://localhost:8080, or http://+:8080 for all networks.";
        if (address.Scheme is "https")
            return "asks for https, which is not spoken here: TLS ends at the proxy in front. Write http.";
        return address.IsUnixPipe || address.Port is 0 ? null : BindingFault(address);
    }

    private static bool TryParse(string text, out BindingAddress address)
    {
        try
        {
            address = BindingAddress.Parse(text);
            return address.IsUnixPipe || address.Port is >= 0 and <= IPEndPoint.MaxPort;
        }
        catch (FormatException)
        {
            address = null!;
            return false;
        }
    }

    private static string? BindingFault(BindingAddress address)
    {
        foreach (var host in Hosts(address.Host))
        {
            using var socket = new Socket(host.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
            try
            {
                if (host.Equals(IPAddress.IPv6Any))
                    socket.DualMode = true;
                socket.Bind(new IPEndPoint(host, address.Port)); // without listening: nobody shall reach us here yet
            }
            catch (SocketException error) when (error.SocketErrorCode is SocketError.AddressAlreadyInUse)
            {
                return "is taken by another process.";
            }
            catch (SocketException error) when (error.SocketErrorCode is SocketError.AccessDenied)
            {
                return "may not be taken by this user; ports below 1024 are root's.";
            }
            catch (SocketException) when (address.Host is "localhost" && host.Equals(IPAddress.IPv6Loopback))
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

    private static IEnumerable<IPAddress> Hosts(string host) =>
        host is "localhost" ? [IPAddress.Loopback, .. Socket.OSSupportsIPv6 ? new[] { IPAddress.IPv6Loopback } : []]
        : IPAddress.TryParse(host, out var address) ? [address]
        : [Socket.OSSupportsIPv6 ? IPAddress.IPv6Any : IPAddress.Any];
}
