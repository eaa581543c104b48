using KlingProxy.Sandbox;
using KlingProxy.Tests.Fixtures;

using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace KlingProxy.Tests.Access.Network;

/// <summary>A world with web pages on three other origins, of which two may call.</summary>
public sealed class PagesFixture : ProxyFixture, IAsyncLifetime
{
    private readonly List<WebApplication> pages = [];

    public IReadOnlyList<string> Listed => [.. pages.Take(2).Select(page => page.Urls.Single())];

    public string Unlisted => pages[2].Urls.Single();

    protected override IEnumerable<(string Name, string Value)> Settings => [("Access:Origins:0", Listed[0]), ("Access:Origins:1", Listed[1])];

    // A browser takes its own time, so fal's runs by itself here.
    protected override SandboxOptions FalOptions => new() { Key = CanaryKey, Clock = new AcceleratedTime(60), QueueTime = TimeSpan.FromMinutes(3), FilmsFromImage = false };

    async ValueTask IAsyncLifetime.InitializeAsync()
    {
        for (var page = 0; page < 3; page++)
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
