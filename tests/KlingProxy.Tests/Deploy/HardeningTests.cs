using System.Text.RegularExpressions;

using KlingProxy.Tests.EndToEnd;

namespace KlingProxy.Tests.Deploy;

/// <summary>Every container that we ship gets as little as it needs.</summary>
public sealed partial class HardeningTests
{
    private static readonly string[] Hardened =
        ["read_only: true", "cap_drop:\n      - ALL", "no-new-privileges:true", "core: 0", "mem_limit: ", "tmpfs:\n      - /tmp"];

    public static TheoryData<string, string> Services =>
        [.. from file in new[] { "compose.yaml", "compose.postgres.yaml", "compose.sandbox.yaml" } from service in In(file).Keys select (file, service)];

    [Theory]
    [MemberData(nameof(Services))]
    public void Every_service_is_hardened(string file, string service) => Assert.All(Hardened, line => Assert.Contains(line, In(file)[service], StringComparison.Ordinal));

    [Fact]
    public void The_replicas_believe_the_nginx_beside_them_and_nobody_else()
    {
        var services = In("compose.postgres.yaml");

        var believed = Believed().Matches(services["klingproxy"]);

        Assert.Equal(Own().Match(services["nginx"]).Groups[1].Value, Assert.Single(believed).Groups[1].Value);
    }

    private static Dictionary<string, string> In(string file)
    {
        var text = File.ReadAllText(Path.Combine(Repository.Root, "deploy", file));
        var services = text[text.IndexOf("\nservices:\n", StringComparison.Ordinal)..];
        services = TopLevel().Match(services) is { Success: true } next ? services[..next.Index] : services;
        return Service().Matches(services).ToDictionary(service => service.Groups["name"].Value, service => service.Groups["lines"].Value);
    }

    [GeneratedRegex(@"(?<=\n)(?!services)[a-z]+:\n")]
    private static partial Regex TopLevel();

    [GeneratedRegex(@"\n  (?<name>[a-z]+):\n(?<lines>(?: {4}.*\n|\n(?! {2}[a-z]))+)")]
    private static partial Regex Service();

    [GeneratedRegex(@"Access__TrustedProxies__\d+: ([0-9./]+)")]
    private static partial Regex Believed();

    [GeneratedRegex("ipv4_address: ([0-9.]+)")]
    private static partial Regex Own();
}
