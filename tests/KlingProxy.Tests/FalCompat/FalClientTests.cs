using KlingProxy.Tests.Access.Network;
using KlingProxy.Tests.EndToEnd;

namespace KlingProxy.Tests.FalCompat;

/// <summary>fal's own JavaScript client, as npm delivers it: the version that the protocol was read from, and the newest.</summary>
public sealed class FalClientTests(BriskFixture proxy) : IClassFixture<BriskFixture>
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public static TheoryData<string> Packages => ["@fal-ai/client", "fal-client-newest"];

    [Theory]
    [MemberData(nameof(Packages))]
    public async Task Finds_every_call_as_it_is_at_fal(string package)
    {
        var outcome = await NodeScript.Run("fal-client/calls.mjs", [package, proxy.Address.AbsoluteUri, await proxy.NewKey(), await proxy.NewKey(), Repository.Still], Cancel);

        Assert.Contains("\"ok\":true", outcome, StringComparison.Ordinal);
        Assert.Equal(0, proxy.Fal.Counts.LeakedCredentials);
        Assert.All(proxy.Fal.Jobs, job => Assert.Null(job.Webhook)); // not the caller's
    }

    /// <summary>From the first that uploads as today's do, to the last but one.</summary>
    [Fact]
    public async Task Uploads_and_makes_a_video_in_every_generation()
    {
        string[] generations = ["fal-0.9", "fal-0.11", "fal-0.13", "fal-0.15", "fal-1.1", "fal-1.4", "fal-1.7", "fal-1.9"];

        var outcome = await NodeScript.Run("fal-client/generations.mjs", [proxy.Address.AbsoluteUri, await proxy.NewKey(), Repository.Still, .. generations], Cancel);

        Assert.Contains("""["0.9.0","0.11.0","0.13.0","0.15.0","1.1.2","1.4.0","1.7.2","1.9.6"]""", outcome, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Finds_its_video_through_AI_SDKs_by_the_documented_recipe() => Assert.Contains(
        "\"ok\":true,\"checks\":4", await NodeScript.Run("fal-client/sdks.mjs", [proxy.Address.AbsoluteUri, await proxy.NewKey(), Repository.Still], Cancel), StringComparison.Ordinal);

    [Theory]
    [MemberData(nameof(Packages))]
    public async Task Runs_the_examples_of_the_models_page_in_Node(string package) => Assert.Contains(
        "\"ok\":true", await NodeScript.Run("fal-client/page.mjs", [package, proxy.Address.AbsoluteUri, await proxy.NewKey()], Cancel), StringComparison.Ordinal);

    [Theory]
    [MemberData(nameof(Packages))]
    public async Task Runs_the_examples_of_the_models_page_in_a_browser(string package) => Assert.Contains(
        "\"ok\":true", await NodeScript.RunInBrowser("browser/fal-client.mjs", [package, proxy.Address.AbsoluteUri], Cancel), StringComparison.Ordinal);

    [Theory]
    [MemberData(nameof(Packages))]
    public async Task Never_makes_a_second_job_by_repeating_what_broke_on_the_way(string package)
    {
        var before = proxy.Fal.Counts.Submits;

        var outcome = await NodeScript.Run("fal-client/retries.mjs", [package, proxy.Address.AbsoluteUri, await proxy.NewKey()], Cancel);

        Assert.Contains("\"ok\":true,\"wishes\":21", outcome, StringComparison.Ordinal);
        Assert.Equal(21, proxy.Fal.Counts.Submits - before);
    }
}

/// <summary>The same client on a page of another origin, in a real Chromium.</summary>
public sealed class FalClientElsewhereTests(PagesFixture proxy) : IClassFixture<PagesFixture>
{
    public static TheoryData<string> Packages => FalClientTests.Packages;

    [Theory]
    [MemberData(nameof(Packages))]
    public async Task Finds_every_call_as_it_is_at_fal(string package) => Assert.Contains(
        "\"ok\":true",
        await NodeScript.RunInBrowser(
            "browser/fal-client-calls.mjs", [package, proxy.Address.AbsoluteUri, await proxy.NewKey(), await proxy.NewKey(), proxy.Listed[0], Repository.Still], TestContext.Current.CancellationToken),
        StringComparison.Ordinal);
}
