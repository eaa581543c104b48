using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Net.Sockets;

namespace KlingProxy.Startup;

/// <summary>
/// One address to listen at. The server takes whatever it cannot read as a host, a misspelt <c>localhst</c> or <c>127.0.0.1:77o1</c>, for all networks;
/// so only what is certainly a host and a port passes here.
/// </summary>
/// <param name="Text">As it was written.</param>
/// <param name="Host"><c>localhost</c>, an IP address, <c>*</c> or <c>+</c>; for a Unix socket <c>unix:</c> and its path.</param>
/// <param name="Port">0 lets the system choose one; so it is for a Unix socket, which has none.</param>
/// <param name="SocketPath">The path of a Unix socket; <c>null</c> for an address of a network.</param>
internal sealed record ListeningAddress(string Text, string Host, int Port, string? SocketPath)
{
    private const string NoAddress = "is no address to listen at. Write http://localhost:8080, or http://+:8080 for all networks.";

    private const string Loopback = "localhost";

    /// <summary>The addresses of this machine that it means: <c>localhost</c> has one of each family, <c>*</c> and <c>+</c> are all networks.</summary>
    public IEnumerable<IPAddress> Addresses =>
        IsLocalhost ? [IPAddress.Loopback, .. Socket.OSSupportsIPv6 ? new[] { IPAddress.IPv6Loopback } : []]
        : IPAddress.TryParse(Host, out var address) ? [address]
        : [Socket.OSSupportsIPv6 ? IPAddress.IPv6Any : IPAddress.Any];

    public bool IsLocalhost => Host.Equals(Loopback, StringComparison.OrdinalIgnoreCase);

    /// <param name="slip">What is wrong with it, to follow the text.</param>
    public static bool TryParse(string text, [NotNullWhen(true)] out ListeningAddress? address, [NotNullWhen(false)] out string? slip)
    {
        (address, slip) = Parse(text);
        return address is not null;
    }

    private static (ListeningAddress? Address, string? Slip) Parse(string text)
    {
        if (!TryRead(text, out var read) || read.PathBase.Length > 0)
            return (null, NoAddress);
        if (read.Scheme.Equals("https", StringComparison.OrdinalIgnoreCase))
            return (null, "asks for https, which is not spoken here: TLS ends at the proxy in front. Write http.");
        if (!read.Scheme.Equals("http", StringComparison.OrdinalIgnoreCase))
            return (null, NoAddress);
        if (read.IsUnixPipe)
            return (new(text, read.Host, 0, read.UnixPipePath), null);
        if (!IsHost(read.Host) || !NamesPort(text, read) || read.Port is < 0 or > IPEndPoint.MaxPort)
            return (null, NoAddress);
        var address = new ListeningAddress(text, read.Host, read.Port, null);
        return address is { IsLocalhost: true, Port: 0 } // its two families would get two ports
            ? (null, "leaves the port to the system, which localhost cannot. Write http://127.0.0.1:0.")
            : (address, null);
    }

    /// <summary>Whether the two could not be listened at together.</summary>
    public bool Overlaps(ListeningAddress other) =>
        SocketPath is not null ? SocketPath == other.SocketPath
        : Port > 0 && Port == other.Port && Addresses.Any(mine => other.Addresses.Any(theirs => IsWithin(mine, theirs) || IsWithin(theirs, mine)));

    private static bool IsWithin(IPAddress one, IPAddress all) =>
        one.Equals(all) || all.Equals(IPAddress.IPv6Any) || (all.Equals(IPAddress.Any) && one.AddressFamily == all.AddressFamily);

    private static bool TryRead(string text, [NotNullWhen(true)] out BindingAddress? address)
    {
        try
        {
            address = BindingAddress.Parse(text);
            return true;
        }
        catch (Exception error) when (error is FormatException or ArgumentException)
        {
            address = null;
            return false;
        }
    }

    // IPv6 in brackets only: of http://::1 the server makes the port 1 of all networks. IPv4 with all four numbers: 0 and 0.1 are addresses too.
    private static bool IsHost(string host) =>
        host is "*" or "+"
        || host.Equals(Loopback, StringComparison.OrdinalIgnoreCase)
        || (host is ['[', .. var inner, ']']
            ? inner.Contains(':', StringComparison.Ordinal) && IPAddress.TryParse(inner, out _)
            : IPAddress.TryParse(host, out var address) && address.ToString() == host && !host.Contains(':', StringComparison.Ordinal));

    // Where no port is written the server takes 80. Where one is, it must be digits alone: it reads a sign or white space as well.
    private static bool NamesPort(string text, BindingAddress read)
    {
        var behindHost = text.AsSpan(text.IndexOf("://", StringComparison.Ordinal) + 3)[read.Host.Length..].TrimEnd('/');
        return behindHost.IsEmpty || (behindHost[0] is ':' && behindHost.Length > 1 && !behindHost[1..].ContainsAnyExceptInRange('0', '9'));
    }
}
