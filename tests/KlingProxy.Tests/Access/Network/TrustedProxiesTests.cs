using System.Net;

using KlingProxy.Access.Network;
using KlingProxy.Tests.Fixtures;

namespace KlingProxy.Tests.Access.Network;

/// <summary>Behind a proxy that the operator listed, and from elsewhere. Who is who shows in which jobs they see.</summary>
public sealed class TrustedProxiesTests(TrustedProxiesTests.TrustedProxiesFixture proxy) : IClassFixture<TrustedProxiesTests.TrustedProxiesFixture>
{
    public static TheoryData<string?, string> Addresses => new()
    {
        // the connection's               the caller's
        { "203.0.113.9",                  "203.0.113.9" },
        { "::ffff:203.0.113.9",           "203.0.113.9" },
        { "::1",                          "::1" },
        { "2001:db8:1:2:aaaa:bbbb:cc:dd", "2001:db8:1:2::/64" },
        { "2001:db8:1:2::7",              "2001:db8:1:2::/64" },
        { "2001:db8:1:3::7",              "2001:db8:1:3::/64" },
        { "fe80::7%3",                    "fe80::/64" },
        { null,                           "local" },
    };

    [Theory]
    [MemberData(nameof(Addresses))]
    public void The_nameless_are_known_by_their_network(string? address, string caller) =>
        Assert.Equal(caller, CallerAddress.Of(address is null ? null : IPAddress.Parse(address)));

    [Fact]
    public async Task Tells_callers_behind_the_proxy_apart()
    {
        using var anyone = proxy.Anyone();
        var job = (await anyone.Call("POST /v1/jobs", Given.Order(), From("203.0.113.9")).Json()).Text("id");

        Assert.Equal(200, await anyone.Call($"GET /v1/jobs/{job}", null, From("203.0.113.9")).Status());
        await anyone.Call($"GET /v1/jobs/{job}", null, From("203.0.113.10")).Refused(404, "job-not-found");
        await anyone.Call($"GET /v1/jobs/{job}").Refused(404, "job-not-found");
    }

    [Fact]
    public async Task Takes_one_network_of_IPv6_for_one_caller()
    {
        using var anyone = proxy.Anyone();
        var job = (await anyone.Call("POST /v1/jobs", Given.Order(), From("2001:db8:1:2::7")).Json()).Text("id");

        Assert.Equal(200, await anyone.Call($"GET /v1/jobs/{job}", null, From("2001:db8:1:2:ffff::9")).Status());
        await anyone.Call($"GET /v1/jobs/{job}", null, From("2001:db8:1:3::7")).Refused(404, "job-not-found");
    }

    [Fact]
    public async Task Believes_no_more_than_the_proxy_itself_has_seen()
    {
        using var anyone = proxy.Anyone();
        var job = (await anyone.Call("POST /v1/jobs", Given.Order(), From("203.0.113.9")).Json()).Text("id");

        // 203.0.113.66 wrote the first address; the proxy only wrote the last.
        await anyone.Call($"GET /v1/jobs/{job}", null, From("203.0.113.9, 203.0.113.66")).Refused(404, "job-not-found");
        // A chain of two listed proxies.
        Assert.Equal(200, await anyone.Call($"GET /v1/jobs/{job}", null, From("203.0.113.9, 10.1.2.3")).Status());
    }

    [Fact]
    public async Task Makes_links_to_where_the_caller_is()
    {
        using var anyone = proxy.Anyone();

        var job = await anyone.Call("POST /v1/jobs", Given.Order(), From("203.0.113.9"), ("X-Forwarded-Proto", "https"), ("X-Forwarded-Host", "video.example.com")).Json();

        Assert.StartsWith($"https://video.example.com/v1/jobs/{job.Text("id")}/events?", job.GetProperty("links").Text("events"), StringComparison.Ordinal);
    }

    private static (string, string) From(string addresses) => ("X-Forwarded-For", addresses);

    public sealed class TrustedProxiesFixture : ProxyFixture
    {
        protected override IEnumerable<(string Name, string Value)> Settings =>
            [("Access:Anonymous", "true"), ("Access:TrustedProxies:0", "127.0.0.1"), ("Access:TrustedProxies:1", "::1"), ("Access:TrustedProxies:2", "10.0.0.0/8")];
    }

    /// <summary>A proxy is listed, but these calls do not come from it.</summary>
    public sealed class FromElsewhere(FromElsewhere.UntrustedFixture proxy) : IClassFixture<FromElsewhere.UntrustedFixture>
    {
        [Fact]
        public async Task A_forwarded_header_is_noise()
        {
            using var anyone = proxy.Anyone();
            (string, string)[] forged = [From("203.0.113.9"), ("X-Forwarded-Proto", "https"), ("X-Forwarded-Host", "evil.example")];

            var job = await anyone.Call("POST /v1/jobs", Given.Order(), forged).Json();

            Assert.StartsWith(proxy.Address.AbsoluteUri, job.GetProperty("links").Text("events"), StringComparison.Ordinal);
            Assert.Equal(200, await anyone.Call($"GET /v1/jobs/{job.Text("id")}", null, From("203.0.113.10")).Status());
        }

        public sealed class UntrustedFixture : ProxyFixture
        {
            protected override IEnumerable<(string Name, string Value)> Settings => [("Access:Anonymous", "true"), ("Access:TrustedProxies:0", "192.0.2.0/24")];
        }
    }
}
