using System.Net.Sockets;

using KlingProxy.Startup;
using KlingProxy.Tests.EndToEnd;

using Microsoft.Extensions.Configuration;

namespace KlingProxy.Tests.Startup;

/// <summary>The server takes a host that it cannot read for all networks: a slip in a loopback address would open the service to everyone.</summary>
public sealed class ListeningAddressesTests
{
    private static readonly int Port = FreePort.Next();

    [Theory]
    [InlineData("http://127.0.0.1:0")]
    [InlineData("http://[::1]:0")]
    [InlineData("http://+:0")]
    [InlineData("http://*:0/")]
    [InlineData("http://0.0.0.0:0;http://127.0.0.1:0")]
    [InlineData("http://localhost:{port}")]
    [InlineData("HTTP://LOCALHOST:{port}/")]
    [InlineData("http://unix:{folder}/klingproxy-{port}.sock")]
    public void Takes(string urls) => Assert.Empty(Faults("urls", urls));

    [Theory]
    [InlineData("http://127.0.0.1:77o1")]
    [InlineData("http://127.0.0.1:")]
    [InlineData("http://127.0.0.1:+{port}")]
    [InlineData("http://127.0.0.1: {port}")]
    [InlineData("http://127.0.0.1:99999999999")]
    [InlineData("http://127.0.0.1.:{port}")]
    [InlineData("http://127.0.0:{port}")]
    [InlineData("http://0:{port}")]
    [InlineData("http://{port}")]
    [InlineData("http://localhst:{port}")]
    [InlineData("http://localhost:77o1")]
    [InlineData("http://localhost:")]
    [InlineData("http://localhost:0")]
    [InlineData("http://kling.example.com:{port}")]
    [InlineData("http://user@127.0.0.1:{port}")]
    [InlineData("http://127.0.0.1:{port}?x=1")]
    [InlineData("http://127.0.0.1:{port}/kling")]
    [InlineData("http://::1")] // to the server, port 1 of all networks
    [InlineData("http://::1:{port}")]
    [InlineData("http://[::1]:77o1")]
    [InlineData("http://[::1]:99999999999")]
    [InlineData("http://[127.0.0.1]:{port}")]
    [InlineData("http://[localhost]:{port}")]
    [InlineData("http://**:{port}")]
    [InlineData("http://:{port}")]
    [InlineData("http://pipe:/foo")]
    [InlineData("http://unix:x.sock")]
    [InlineData("http://unix:/nonexistent/x.sock")]
    [InlineData("http://unix:/nonexistent/a-path-that-is-longer-than-the-hundred-and-seven-bytes-that-a-socket-may-have-on-linux-which-is-not-a-lot/x.sock")]
    [InlineData("https://127.0.0.1:{port}")]
    [InlineData("ftp://127.0.0.1:{port}")]
    [InlineData("127.0.0.1:{port}")]
    public void Refuses(string urls) =>
        Assert.StartsWith($"ASPNETCORE_URLS: {Filled(urls)} ", Assert.Single(Faults("urls", urls)), StringComparison.Ordinal);

    [Theory]
    [InlineData("http://127.0.0.1:{port};http://127.0.0.1:{port}")]
    [InlineData("http://localhost:{port};http://127.0.0.1:{port}")]
    [InlineData("http://127.0.0.1:{port};http://+:{port}")]
    [InlineData("http://0.0.0.0:{port};http://127.0.0.1:{port}")]
    [InlineData("http://*:{port};http://+:{port}")]
    [InlineData("http://unix:{folder}/klingproxy-{port}.sock;http://unix:{folder}/klingproxy-{port}.sock")]
    public void Refuses_two_that_are_one(string urls)
    {
        var both = Filled(urls).Split(';');

        Assert.Equal($"ASPNETCORE_URLS: {both[1]} is taken by {both[0]} beside it.", Assert.Single(Faults("urls", urls)));
    }

    [Theory]
    [InlineData("http_ports", "abc", "ASPNETCORE_HTTP_PORTS: http://*:abc")]
    [InlineData("http_ports", "{port}o", "ASPNETCORE_HTTP_PORTS: http://*:{port}o")]
    [InlineData("http_ports", "{port};{port}", "ASPNETCORE_HTTP_PORTS: http://*:{port}")]
    [InlineData("https_ports", "{port}", "ASPNETCORE_HTTPS_PORTS: https://*:{port}")]
    [InlineData("Kestrel:Endpoints:A:Url", "http://127.0.0.1:{port}", "Kestrel__Endpoints__A__Url")]
    [InlineData("KESTREL:ENDPOINTS:A:URL", "http://127.0.0.1:{port}", "KESTREL__ENDPOINTS__A__URL")]
    [InlineData("Kestrel:Limits:MaxRequestBodySize", "1", "Kestrel__Limits__MaxRequestBodySize")]
    public void Refuses_other_ways_to_say_it_by_their_names(string key, string value, string named) =>
        Assert.StartsWith($"{Filled(named)} ", Assert.Single(Faults((key, value), ("urls", key.StartsWith("http", StringComparison.Ordinal) ? "" : "http://127.0.0.1:0"))), StringComparison.Ordinal);

    [Fact]
    public void Names_a_socket_that_was_left_behind_and_leaves_it_there()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "The sockets are Unix'.");
        var path = Path.Combine(Path.GetTempPath(), $"klingproxy-{Guid.NewGuid():N}.sock");
        using var other = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        other.Bind(new UnixDomainSocketEndPoint(path));

        Assert.Contains("is taken", Assert.Single(Faults("urls", $"http://unix:{path}")), StringComparison.Ordinal);
        Assert.True(File.Exists(path));
    }

    private static List<string> Faults(string key, string value) => Faults((key, value));

    private static List<string> Faults(params (string Key, string Value)[] settings) => [.. ListeningAddresses.Faults(new ConfigurationBuilder()
        .AddInMemoryCollection(settings.Select(setting => KeyValuePair.Create<string, string?>(setting.Key, Filled(setting.Value)))).Build())];

    private static string Filled(string text) => text
        .Replace("{port}", Port.ToString(System.Globalization.CultureInfo.InvariantCulture), StringComparison.Ordinal)
        .Replace("{folder}", Path.GetTempPath().TrimEnd('/'), StringComparison.Ordinal);
}
