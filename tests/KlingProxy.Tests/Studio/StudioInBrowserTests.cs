using KlingProxy.Tests.EndToEnd;

namespace KlingProxy.Tests.Studio;

/// <summary>A newcomer's first minute: the service without key or network, a real Chromium, a picture from disk, a video that plays.</summary>
public sealed class StudioInBrowserTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Makes_a_video_of_a_picture_and_plays_it()
    {
        var seen = Directory.CreateDirectory(Path.Combine(Repository.Root, "artifacts", "browser")).FullName;
        await using var proxy = await ProxyProcess.Start(new() { ["ASPNETCORE_ENVIRONMENT"] = "Development" }, Cancel);

        var outcome = await NodeScript.RunInBrowser("browser/studio.mjs", [proxy.Client.BaseAddress!.AbsoluteUri, Repository.Still, seen], Cancel);

        Assert.Contains("\"ok\":true", outcome, StringComparison.Ordinal);
    }
}
