using System.Reflection;
using System.Text.RegularExpressions;

using KlingProxy.Observability;
using KlingProxy.Tests.EndToEnd;
using KlingProxy.Tests.Fixtures;

namespace KlingProxy.Tests;

/// <summary>Whoever reports a fault names a version: it must be the same one wherever they read it.</summary>
public sealed partial class VersionTests(ProxyFixture proxy) : IClassFixture<ProxyFixture>
{
    // Behind it stands the commit.
    private static string OfTheBinary =>
        typeof(ServiceVersion).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion.Split('+')[0];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Is_the_same_in_the_binary_to_fal_in_the_API_description_and_where_it_says_how_it_is()
    {
        using var anyone = proxy.Anyone();
        using var caller = await proxy.NewCaller();

        using var alive = await anyone.Call("GET /health/live");
        using var ready = await anyone.Call("GET /health/ready");
        var described = (await anyone.Call("GET /openapi/v1.json").Json()).GetProperty("info").Text("version");
        await proxy.End(caller, (await caller.Create(Given.Order())).Text("id"));

        Assert.Equal(ServiceVersion.Text, OfTheBinary);
        Assert.Equal(OfTheBinary, Assert.Single(alive.Headers.GetValues(ObservabilityModule.VersionHeader)));
        Assert.Equal(OfTheBinary, Assert.Single(ready.Headers.GetValues(ObservabilityModule.VersionHeader)));
        Assert.Equal(OfTheBinary, described);
        Assert.NotEmpty(proxy.Fal.Received);
        Assert.All(proxy.Fal.Received, call => Assert.Equal($"KlingProxy/{OfTheBinary}", call.Headers["User-Agent"]));
    }

    [Theory]
    [InlineData("live")]
    [InlineData("ready")]
    public async Task Leaves_the_word_of_the_health_check_as_probes_know_it(string question)
    {
        using var anyone = proxy.Anyone();

        using var answer = await anyone.Call($"GET /health/{question}");

        Assert.Equal(("Healthy", "text/plain"), (await answer.Content.ReadAsStringAsync(Cancel), answer.Content.Headers.ContentType?.ToString()));
    }

    [Fact]
    public void Has_the_form_of_SemVer_and_of_a_product_in_a_header() => Assert.Matches("^[0-9]+\\.[0-9]+\\.[0-9]+(-[0-9A-Za-z.-]+)?$", ServiceVersion.Text);

    [Fact]
    public void Is_one_in_an_image_and_in_its_label()
    {
        var dockerfile = File.ReadAllText(Path.Combine(Repository.Root, "Dockerfile"));

        Assert.Contains("-p:MinVerVersionOverride=\"$VERSION\"", dockerfile, StringComparison.Ordinal);
        Assert.Contains("org.opencontainers.image.version=\"${VERSION}\"", dockerfile, StringComparison.Ordinal);
        var byDefault = Assert.Single(Argument().Matches(dockerfile), argument => argument.Groups["value"].Success).Groups["value"].Value;
        Assert.Matches("^[0-9]+\\.[0-9]+\\.[0-9]+-dev$", byDefault);
    }

    [GeneratedRegex("^ARG VERSION(=(?<value>.+))?$", RegexOptions.Multiline)]
    private static partial Regex Argument();
}
