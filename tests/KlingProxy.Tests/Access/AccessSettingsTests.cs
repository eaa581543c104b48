using KlingProxy.Access;
using KlingProxy.Access.Limits;
using KlingProxy.Access.Network;
using KlingProxy.Settings;

using Microsoft.Extensions.Configuration;

namespace KlingProxy.Tests.Access;

/// <summary>What an operator may write, and which setting a refusal names.</summary>
public sealed class AccessSettingsTests
{
    private const string Key = "operator-of-the-tests";

    public static TheoryData<string?, bool, string?, string?> WaysIn => new()
    {
        // operator key  anonymous  authority                  named
        { null,          false,     null,                      "Access__OperatorKey" },
        { Key,           false,     null,                      null },
        { null,          true,      null,                      null },
        { null,          false,     "https://login.example",   null },
    };

    public static TheoryData<string?, string?, string?> Tokens => new()
    {
        // authority                    audience  named
        { "https://login.example",      "app",    null },
        { "https://login.example/t/1/", "app",    null },
        { "http://localhost:5000",      "app",    null },
        { "http://login.example",       "app",    "Access__Jwt__Authority" },
        { "login.example",              "app",    "Access__Jwt__Authority" },
        { "https://u@login.example",    "app",    "Access__Jwt__Authority" },
        { "https://login.example?x=1",  "app",    "Access__Jwt__Authority" },
        { "https://login.example",      "",       "Access__Jwt__Audience" },
        { "https://login.example",      null,     "Access__Jwt__Audience" },
        { "",                           "app",    "Access__Jwt__Authority" },
        { "",                           "",       null },
    };

    [Theory]
    [MemberData(nameof(WaysIn))]
    public void Asks_for_one_way_in(string? key, bool anonymous, string? authority, string? named) =>
        Names(named, Judge(new() { OperatorKey = key, Anonymous = anonymous, Jwt = new() { Authority = authority, Audience = authority is null ? null : "app" } }));

    [Theory]
    [MemberData(nameof(Tokens))]
    public void Pins_tokens_to_an_issuer_and_an_audience(string? authority, string? audience, string? named) =>
        Names(named, Judge(new() { OperatorKey = Key, Jwt = new() { Authority = authority, Audience = audience } }));

    [Theory]
    [InlineData("https://app.example.com", true)]
    [InlineData("http://localhost:5173", true)]
    [InlineData("http://127.0.0.1:3000", true)]
    [InlineData("http://[::1]:3000", true)]
    [InlineData("https://xn--bcher-kva.example", true)]
    [InlineData("capacitor://localhost", true)]
    [InlineData("ionic://localhost", true)]
    [InlineData("tauri://localhost", true)]
    [InlineData("app://localhost:1420", true)]
    [InlineData("chrome-extension://abcdefghijklmnopabcdefghijklmnop", true)]
    [InlineData("moz-extension://4a2b1c3d-0000-4000-8000-1234567890ab", true)]
    [InlineData("safari-web-extension://4A2B1C3D-0000-4000-8000-1234567890AB", true)]
    [InlineData("capacitor://localhost/", false)]
    [InlineData("capacitor://localhost/index.html", false)]
    [InlineData("capacitor://*", false)]
    [InlineData("capacitor://", false)]
    [InlineData("capacitor:localhost", false)]
    [InlineData("Capacitor://localhost", false)]
    [InlineData("capacitor://u@localhost", false)]
    [InlineData("capacitor://localhost?x", false)]
    [InlineData("capacitor://localhost#x", false)]
    [InlineData("capacitor://localhost:0", false)]
    [InlineData("capacitor://localhost\n", false)]
    [InlineData("chrome-extension://*", false)]
    [InlineData("ws://localhost", false)]
    [InlineData("https://bücher.example", false)]
    [InlineData("*", false)]
    [InlineData("https://*.example.com", false)]
    [InlineData("https://app.example.com/", false)]
    [InlineData("https://app.example.com/app", false)]
    [InlineData("https://app.example.com:443", false)]
    [InlineData("HTTPS://app.example.com", false)]
    [InlineData("null", false)]
    [InlineData("file:///app", false)]
    [InlineData("", false)]
    public void Takes_exact_origins_only(string origin, bool good)
    {
        Assert.Equal(good, WebOrigin.IsExact(origin));
        Names(good ? null : "Access__Origins__1", Judge(new() { OperatorKey = Key, Origins = ["https://first.example", origin] }));
    }

    [Theory]
    [InlineData("10.0.0.7", true)]
    [InlineData("10.0.0.0/8", true)]
    [InlineData("2001:db8::/32", true)]
    [InlineData("::1", true)]
    [InlineData("10.0.0.0/33", false)]
    [InlineData("proxy.example", false)]
    [InlineData("*", false)]
    [InlineData("", false)]
    public void Takes_addresses_and_networks_for_proxies(string proxy, bool good) =>
        Names(good ? null : "Access__TrustedProxies__0", Judge(new() { OperatorKey = Key, TrustedProxies = [proxy] }));

    [Theory]
    [InlineData("0123456789abcdef", null)]
    [InlineData("0123456789abcde", "Access__OperatorKey needs")]
    [InlineData("0123456789 abcdef", "Access__OperatorKey needs")]
    [InlineData("0123456789abcdefü", "Access__OperatorKey needs")]
    public void Asks_for_an_operator_key_that_nobody_guesses(string key, string? named) => Names(named, Judge(new() { OperatorKey = key }));

    [Theory]
    [InlineData("00:01:00", null)]
    [InlineData("7.00:00:00", null)]
    [InlineData("00:00:59", "Access__LinkLifetime")]
    [InlineData("7.00:00:01", "Access__LinkLifetime")]
    public void Bounds_the_life_of_a_link(string lifetime, string? named) =>
        Names(named, Judge(new() { OperatorKey = Key, LinkLifetime = TimeSpan.Parse(lifetime, System.Globalization.CultureInfo.InvariantCulture) }));

    [Fact]
    public void Refuses_the_platforms_switch_that_believes_everybody() =>
        Names("ASPNETCORE_FORWARDEDHEADERS_ENABLED", Judge(new() { OperatorKey = Key, TrustsEverybodysHeaders = true }));

    [Theory]
    [InlineData(1, 1, null)]
    [InlineData(1_000_000, 10_000, null)]
    [InlineData(0, 1, "Limits__RequestsPerMinute")]
    [InlineData(1_000_001, 1, "Limits__RequestsPerMinute")]
    [InlineData(1, 0, "Limits__OpenStreamsPerCaller")]
    [InlineData(1, 10_001, "Limits__OpenStreamsPerCaller")]
    [InlineData(1, 1, "Limits__OpenStreamsPerTicket", 0, 1)]
    [InlineData(1, 1, "Limits__OpenStreamsPerTicket", 10_001, 1)]
    [InlineData(1, 1, "Limits__OpenStreams", 1, 0)]
    [InlineData(1, 1, "Limits__OpenStreams", 1, 100_001)]
    [InlineData(1, 1, null, 1, 1)]
    public void Bounds_the_limits(int perMinute, int streams, string? named, int ofATicket = 4, int inAll = 5000) => Names(
        named,
        [.. new LimitsOptionsValidator().Validate(LimitsOptions.Section, new() { RequestsPerMinute = perMinute, OpenStreamsPerCaller = streams, OpenStreamsPerTicket = ofATicket, OpenStreams = inAll }).Failures ?? []]);

    [Theory]
    [InlineData(1, 1, null)]
    [InlineData(1_000_000, 1_000_000, null)]
    [InlineData(0, 1, "Limits__InFlight")]
    [InlineData(1_000_001, 1, "Limits__InFlight")]
    [InlineData(1, 0, "Limits__InFlightPerCaller")]
    [InlineData(1, 1_000_001, "Limits__InFlightPerCaller")]
    public void Bounds_the_jobs_under_way(int inAll, int perCaller, string? named) =>
        Names(named, [.. new LimitsOptionsValidator().Validate(LimitsOptions.Section, new() { InFlight = inAll, InFlightPerCaller = perCaller }).Failures ?? []]);

    [Theory]
    [InlineData(2, 1, null)]
    [InlineData(10_000, 10_000, null)]
    [InlineData(1, 1, "Limits__LargeBodies")]
    [InlineData(10_001, 1, "Limits__LargeBodies")]
    [InlineData(2, 0, "Limits__LargeBodiesPerCaller")]
    [InlineData(2, 10_001, "Limits__LargeBodiesPerCaller")]
    public void Bounds_the_places_for_large_bodies(int inAll, int perCaller, string? named) =>
        Names(named, [.. new LimitsOptionsValidator().Validate(LimitsOptions.Section, new() { LargeBodies = inAll, LargeBodiesPerCaller = perCaller }).Failures ?? []]);

    [Theory]
    [InlineData(2, 1, null)]
    [InlineData(10_000, 10_000, null)]
    [InlineData(1, 1, "Limits__Videos")]
    [InlineData(10_001, 1, "Limits__Videos")]
    [InlineData(2, 0, "Limits__VideosPerCaller")]
    [InlineData(2, 10_001, "Limits__VideosPerCaller")]
    public void Bounds_the_places_for_videos(int inAll, int perCaller, string? named) =>
        Names(named, [.. new LimitsOptionsValidator().Validate(LimitsOptions.Section, new() { Videos = inAll, VideosPerCaller = perCaller }).Failures ?? []]);

    [Theory]
    [InlineData(1, 1, 1, null)]
    [InlineData(1_000_000, 1_000_000, 1_000_000_000_000_000, null)]
    [InlineData(0, 1, 1, "Limits__UploadsPerCallerPerDay")]
    [InlineData(1_000_001, 1, 1, "Limits__UploadsPerCallerPerDay")]
    [InlineData(1, 0, 1, "Limits__UploadsPerTicket")]
    [InlineData(1, 1_000_001, 1, "Limits__UploadsPerTicket")]
    [InlineData(1, 1, 0, "Limits__UploadBytesPerCallerPerDay")]
    [InlineData(1, 1, 1_000_000_000_000_001, "Limits__UploadBytesPerCallerPerDay")]
    public void Bounds_what_may_be_uploaded(int perDay, int perTicket, long bytes, string? named) => Names(
        named, [.. new LimitsOptionsValidator().Validate(LimitsOptions.Section, new() { UploadsPerCallerPerDay = perDay, UploadsPerTicket = perTicket, UploadBytesPerCallerPerDay = bytes }).Failures ?? []]);

    [Theory]
    [InlineData("https://", "PublicUrl")]
    [InlineData("http://", "PublicUrl")]
    [InlineData("https://[", "PublicUrl")]
    [InlineData("https://a.example:port", "PublicUrl")]
    [InlineData("a.example", "PublicUrl")]
    [InlineData("/kling", "PublicUrl")]
    [InlineData("https://a.example/kling", null)]
    public void Refuses_a_public_address_that_is_none_whatever_it_looks_like(string url, string? named)
    {
        var settings = new ConfigurationBuilder().AddInMemoryCollection([KeyValuePair.Create<string, string?>("PublicUrl", url)]).Build();
        var options = new AccessOptions();
        options.Read(new SettingsSection(new SettingsReading(settings), AccessOptions.Section));
        options.OperatorKey = Key;

        Names(named, Judge(options));
    }

    private static string[] Judge(AccessOptions options) => [.. new AccessOptionsValidator().Validate(AccessOptions.Section, options).Failures ?? []];

    private static void Names(string? setting, string[] faults)
    {
        if (setting is null)
            Assert.Empty(faults);
        else
            Assert.Contains(setting, Assert.Single(faults), StringComparison.Ordinal);
    }
}
