using System.Net;
using System.Net.Http.Headers;
using System.Text.RegularExpressions;

using KlingProxy.Studio;
using KlingProxy.Tests.Fixtures;

using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.Logging;

namespace KlingProxy.Tests.Studio;

public sealed partial class StudioTests : IAsyncLifetime
{
    private WebApplication app = null!;
    private HttpClient browser = null!;

    public static TheoryData<string, string> Assets => new()
    {
        { "/", "text/html" },
        { "/studio/studio.css", "text/css" },
        { "/studio/studio.js", "text/javascript" },
        { "/studio/panels/screen.js", "text/javascript" },
        { "/studio/favicon.svg", "image/svg+xml" },
    };

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory, MemberData(nameof(Assets))]
    public async Task Serves_each_file_as_what_it_is(string path, string type)
    {
        using var response = await browser.GetAsync(path, Cancel);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(type, response.Content.Headers.ContentType?.MediaType);
        Assert.True(response.Headers.CacheControl?.NoCache);
        Assert.Equal("nosniff", Assert.Single(response.Headers.GetValues("X-Content-Type-Options")));
    }

    [Theory, MemberData(nameof(Assets))]
    public async Task Sends_nothing_again_that_the_browser_has(string path, string _)
    {
        using var first = await browser.GetAsync(path, Cancel);
        using var question = new HttpRequestMessage(HttpMethod.Get, path);
        question.Headers.IfNoneMatch.Add(Assert.IsType<EntityTagHeaderValue>(first.Headers.ETag));

        using var second = await browser.SendAsync(question, Cancel);

        Assert.Equal(HttpStatusCode.NotModified, second.StatusCode);
        Assert.Equal(first.ToCaches(), second.ToCaches());
        Assert.Empty(await second.Content.ReadAsByteArrayAsync(Cancel));
    }

    [Theory, MemberData(nameof(Assets))]
    public async Task Answers_HEAD_with_the_length_alone(string path, string _)
    {
        using var whole = await browser.GetAsync(path, Cancel);
        using var question = new HttpRequestMessage(HttpMethod.Head, path);

        using var response = await browser.SendAsync(question, Cancel);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal((await whole.Content.ReadAsByteArrayAsync(Cancel)).Length, response.Content.Headers.ContentLength);
        Assert.Empty(await response.Content.ReadAsByteArrayAsync(Cancel));
    }

    [Fact]
    public async Task Every_file_the_page_names_is_served()
    {
        var pending = new Queue<string>(["/"]);
        var seen = new HashSet<string>();
        while (pending.TryDequeue(out var path))
        {
            if (!seen.Add(path))
                continue;
            var text = await browser.GetStringAsync(path, Cancel); // throws unless it is there
            foreach (Match name in OwnFiles().Matches(text))
                pending.Enqueue(new Uri(new Uri(browser.BaseAddress!, path), name.Groups[1].Value).AbsolutePath);
        }

        Assert.Superset(new HashSet<string>(["/studio/api.js", "/studio/panels/banner.js"]), seen);
    }

    [Fact]
    public async Task Lets_the_page_run_nothing_but_its_own_files()
    {
        using var response = await browser.GetAsync("/", Cancel);
        var policy = Assert.Single(response.Headers.GetValues("Content-Security-Policy"));
        var page = await response.Content.ReadAsStringAsync(Cancel);

        Assert.StartsWith("default-src 'none'; ", policy, StringComparison.Ordinal);
        Assert.DoesNotContain("unsafe", policy, StringComparison.Ordinal);
        Assert.DoesNotMatch(@"<style|\sstyle=|\son\w+=|<script(?![^>]*\ssrc=)|(src|href)=""(https?:)?//", page);
    }

    [Fact]
    public async Task Knows_no_other_file()
    {
        using var response = await browser.GetAsync("/studio/../appsettings.json", Cancel);

        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
    }

    public async ValueTask InitializeAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseTestServer();
        app = builder.Build();
        app.MapStudio();
        await app.StartAsync(Cancel);
        browser = app.GetTestClient();
    }

    public async ValueTask DisposeAsync()
    {
        browser.Dispose();
        await app.DisposeAsync();
    }

    [GeneratedRegex(@"(?:(?:href|src)=""(?=studio/)|from '(?=\.))([\w./-]+)")]
    private static partial Regex OwnFiles();
}
