using KlingProxy.Tests.EndToEnd;
using KlingProxy.Tests.FalCompat;

namespace KlingProxy.Tests.Jobs.Reading;

/// <summary>Watchers as they are: a browser's <c>EventSource</c> with nothing around it, and what developers have in front of theirs.</summary>
public sealed class EventSourceTests(BriskFixture proxy) : IClassFixture<BriskFixture>
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Hears_of_the_end_once_and_is_silent_then() => Assert.Contains(
        "\"ok\":true", await NodeScript.RunInBrowser("browser/event-source.mjs", [proxy.Address.AbsoluteUri, await proxy.NewKey()], Cancel), StringComparison.Ordinal);

    [Fact]
    public async Task Is_told_at_once_behind_a_compression_that_collects() => Assert.Contains(
        "\"ok\":true", await NodeScript.Run("behind/compression.mjs", [proxy.Address.AbsoluteUri, await proxy.NewKey()], Cancel), StringComparison.Ordinal);
}
