using System.Globalization;
using System.Net;
using System.Net.Sockets;

using KlingProxy.Settings;

namespace KlingProxy.Startup;

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

    /// <returns>One sentence for each address at which nobody could listen, or that is not what it seems.</returns>
    public static IEnumerable<string> Faults(IConfiguration configuration)
    {
        var taken = new List<ListeningAddress>();
        foreach (var (setting, text) in Said(configuration) is { Length: > 0 } addresses ? addresses : [("ASPNETCORE_URLS", ByDefault)])
        {
            if (!ListeningAddress.TryParse(text, out var address, out var slip))
                yield return $"{setting}: {text} {slip}";
            else if (taken.Find(address.Overlaps) is { } other)
                yield return $"{setting}: {text} is taken by {other.Text} beside it.";
            else if (ListeningProbe.Fault(address) is { } fault)
                yield return $"{setting}: {text} {fault}";
            else
                taken.Add(address);
        }

        // The server reads this section by itself, and puts it above every address that was judged here.
        foreach (var (key, _) in configuration.AsEnumerable().OrderBy(setting => setting.Key, StringComparer.Ordinal))
            if (key.StartsWith("Kestrel:", StringComparison.OrdinalIgnoreCase) && configuration.Said(key) is not null)
                yield return $"{SettingName.InEnvironment(key)} is a setting of the server, which is not for operators here. Leave it out, and say in "
                    + "ASPNETCORE_URLS where to listen.";
    }

    /// <returns>A sentence for an address that somebody took in the meantime, or that only the server itself could judge; <c>null</c> for anything
    /// else.</returns>
    public static string? Fault(Exception error) => error switch
    {
        IOException { InnerException: Microsoft.AspNetCore.Connections.AddressInUseException } or SocketException =>
            $"ASPNETCORE_URLS: {error.Message}",
        _ => null,
    };

    /// <returns>Where this machine reaches the service; <c>null</c> where the system chooses the port, or there is no port at all.</returns>
    public static string? OnThisMachine(IConfiguration configuration)
    {
        foreach (var (_, text) in Said(configuration) is { Length: > 0 } said ? said : [("", ByDefault)])
            if (ListeningAddress.TryParse(text, out var address, out _) && address.Port > 0)
                return string.Create(CultureInfo.InvariantCulture, $"http://{NearHost(address.Host)}:{address.Port}");
        return null;
    }

    // By name where it may be: AllowedHosts, if it is limited at all, has localhost for the health check.
    private static string NearHost(string host) =>
        IPAddress.TryParse(host, out var own) && !IPAddress.IsLoopback(own) && !own.Equals(IPAddress.Any) && !own.Equals(IPAddress.IPv6Any)
            ? host
            : "localhost";

    // URLS wins over the ports. Each may name several.
    private static (string Setting, string Address)[] Said(IConfiguration configuration) =>
        configuration.Said("urls") is { } urls
            ? [.. Several(urls).Select(url => ("ASPNETCORE_URLS", url))]
            : [.. Ports(configuration, "http"), .. Ports(configuration, "https")];

    private static IEnumerable<(string Setting, string Address)> Ports(IConfiguration configuration, string scheme) =>
        Several(configuration.Said($"{scheme}_ports") ?? "").Select(port => ($"ASPNETCORE_{scheme.ToUpperInvariant()}_PORTS", $"{scheme}://*:{port}"));

    private static string[] Several(string text) => text.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
}
