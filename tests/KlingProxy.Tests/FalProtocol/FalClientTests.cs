using KlingProxy.Tests.EndToEnd;

namespace KlingProxy.Tests.FalProtocol;

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

    [Theory]
    [MemberData(nameof(Packages))]
    public async Task Moves_in_with_one_line(string package) => Assert.Contains(
        "\"ok\":true",
        await NodeScript.RunInBrowser("browser/fal-client.mjs", [package, proxy.Address.AbsoluteUri, Repository.Still], Cancel),
        StringComparison.Ordinal);
}
