using KlingProxy.Sandbox;
using KlingProxy.Tests.EndToEnd;

using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace KlingProxy.Tests.Access;

/// <summary>Two pages on other origins in a real Chromium, which decides what a script may see.</summary>
public sealed class CrossOriginInBrowserTests(CrossOriginInBrowserTests.World proxy) : IClassFixture<CrossOriginInBrowserTests.World>
{
    [Fact]
    public async Task A_listed_page_makes_and_follows_a_video_and_an_unlisted_one_sees_nothing()
    {
        var outcome = await NodeScript.RunInBrowser(
            "browser/cross-origin.mjs", [proxy.Address.AbsoluteUri, await proxy.NewKey(), proxy.Listed, proxy.Unlisted], TestContext.Current.CancellationToken);

        Assert.Contains("\"ok\":true", outcome, StringComparison.Ordinal);
    }

    public sealed class World : ProxyFixture, IAsyncLifetime
    {
        private readonly List<WebApplication> pages = [];

        public string Listed => pages[0].Urls.Single();

        public string Unlisted => pages[1].Urls.Single();

        protected override IEnumerable<(string Name, string Value)> Settings => [("Access:Origins:0", Listed)];

        // A browser takes its own time, so fal's runs by itself here.
        protected override SandboxOptions FalOptions => new() { Key = CanaryKey, Clock = new AcceleratedTime(30), FilmsFromImage = false };

        async ValueTask IAsyncLifetime.InitializeAsync()
        {
            for (var page = 0; page < 2; page++)
                pages.Add(await Page());
            await InitializeAsync();
        }

        public override async ValueTask DisposeAsync()
        {
            await base.DisposeAsync();
            foreach (var page in pages)
                await page.DisposeAsync();
        }

        private static async Task<WebApplication> Page()
        {
            var builder = WebApplication.CreateSlimBuilder();
            builder.Logging.ClearProviders();
            builder.WebHost.UseUrls("http://127.0.0.1:0");
            var app = builder.Build();
            app.MapGet("/", () => Results.Text("<!doctype html><title>Somebody's app</title>", "text/html"));
            await app.StartAsync();
            return app;
        }
    }
}
