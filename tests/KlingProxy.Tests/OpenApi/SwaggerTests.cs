using KlingProxy.Tests.EndToEnd;

namespace KlingProxy.Tests.OpenApi;

/// <summary>What a newcomer does with Swagger UI, in a real browser.</summary>
public sealed class SwaggerTests(OpenProxy proxy) : IClassFixture<OpenProxy>
{
    [Fact]
    public async Task Prices_and_makes_a_video_without_a_word_typed()
    {
        var seen = Directory.CreateDirectory(Path.Combine(Repository.Root, "artifacts", "browser")).FullName;

        var outcome = await NodeScript.RunInBrowser("browser/swagger.mjs", [proxy.Address.AbsoluteUri, seen], TestContext.Current.CancellationToken);

        Assert.Contains("\"ok\":true", outcome, StringComparison.Ordinal);
    }
}
