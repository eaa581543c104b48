using KlingProxy.Tests.EndToEnd;

namespace KlingProxy.Tests.Access.Network;

/// <summary>Two pages on other origins in a real Chromium, which decides what a script may see.</summary>
public sealed class CrossOriginInBrowserTests(PagesFixture proxy) : IClassFixture<PagesFixture>
{
    [Fact]
    public async Task A_listed_page_makes_and_follows_a_video_and_an_unlisted_one_sees_nothing()
    {
        var outcome = await NodeScript.RunInBrowser(
            "browser/cross-origin.mjs", [proxy.Address.AbsoluteUri, await proxy.NewKey(), proxy.Listed[0], proxy.Unlisted], TestContext.Current.CancellationToken);

        Assert.Contains("\"ok\":true", outcome, StringComparison.Ordinal);
    }
}
