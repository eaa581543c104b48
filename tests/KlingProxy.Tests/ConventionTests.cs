using System.Text.Json.Nodes;

using KlingProxy.Observability;
using KlingProxy.Secrets;
using KlingProxy.Tests.FalCompat;
using KlingProxy.Tests.Fixtures;

using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Routing.Patterns;
using Microsoft.Extensions.DependencyInjection;

using Serilog.Events;
using Serilog.Formatting.Compact;

namespace KlingProxy.Tests;

public sealed class ConventionTests(ProxyFixture proxy) : IClassFixture<ProxyFixture>
{
    /// <summary>What a visitor without a credential may see: the page, the manual, whether we live; and fal's own way in, which proves itself otherwise.</summary>
    private static readonly string[] Open = ["/", "/studio/", "/problems", "/openapi/", "/health/", "/webhooks/fal/", "/fal/uploads/", "/fal/files/"];

    private IEnumerable<RouteEndpoint> Routes => proxy.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>();

    [Fact]
    public void Nothing_is_open_but_what_is_meant_to_be() => Assert.Empty(
        from route in Routes
        where route.Metadata.GetMetadata<IAllowAnonymous>() is not null
        let path = $"/{route.RoutePattern.RawText?.TrimStart('/')}"
        where path != "/" && !Open.Skip(1).Any(open => path.StartsWith(open, StringComparison.Ordinal))
        select path);

    [Fact]
    public async Task Everything_else_asks_for_a_credential()
    {
        using var anyone = proxy.Anyone();
        var closed = Routes.Where(route => route.Metadata.GetMetadata<IAllowAnonymous>() is null).ToList();

        foreach (var route in closed)
            foreach (var verb in route.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods ?? ["GET"])
                Assert.Equal((route.RoutePattern.RawText, verb, 401), (route.RoutePattern.RawText, verb, await anyone.Call($"{verb} /{Filled(route).TrimStart('/')}").Status()));

        Assert.True(closed.Count >= 10, "The routes were not found.");
    }

    [Fact]
    public async Task No_log_line_of_a_whole_life_holds_a_prompt_a_note_a_secret_or_a_signature()
    {
        var key = await proxy.NewKey();
        using var caller = proxy.With(key);
        using var browser = proxy.Anyone();
        var (prompt, note, file) = ($"prompt-{Guid.NewGuid():N}", $"note-{Guid.NewGuid():N}", $"image-{Guid.NewGuid():N}");
        JsonObject Order(string fault)
        {
            var order = Given.Order($"{prompt} {fault}");
            order["input"]!["image_url"] = $"https://example.com/{file}.png";
            order["metadata"] = new JsonObject { ["note"] = note };
            return order;
        }

        var job = await proxy.End(caller, (await caller.Create(Order(""))).Text("id"));
        var links = job.GetProperty("links");
        await browser.Call($"GET {links.Text("video")}").Status();
        await browser.Call($"GET {links.Text("events")}").Status();
        await browser.Call($"GET {links.Text("events")}0").Status();
        foreach (var fault in new[] { "rejects", "loses-reply", "html-502" })
            await caller.Call("POST /v1/jobs", Order($"sandbox:{fault}")).Status();
        await proxy.End(caller, (await caller.Create(Order("sandbox:completes-then-422"))).Text("id"));
        await caller.Call("POST /v1/jobs", new JsonObject { ["input"] = prompt }).Status();
        await caller.Call($"GET /v1/jobs?cursor={prompt}").Status();

        var signatures = new[] { links.Text("video"), links.Text("events") }.Select(link => link.Split("signature=")[1]).ToList();
        var (all, usual) = (Leaving(_ => true), Leaving(IsLoggedInProduction));
        foreach (var secret in signatures.Concat([key, ProxyFixture.OperatorKey, ProxyFixture.CanaryKey])) // not even where an operator turns the libraries' logs up
            Assert.DoesNotContain(all, line => line.Contains(secret, StringComparison.Ordinal));
        foreach (var text in new[] { prompt, note, file })
            Assert.DoesNotContain(usual, line => line.Contains(text, StringComparison.Ordinal));
        Assert.Contains(usual, line => line.Contains(job.Text("id"), StringComparison.Ordinal));
    }

    [Fact]
    public void What_a_running_service_must_not_say_it_knows() => Assert.All(
        [ProxyFixture.CanaryKey, .. ProxyFixture.CanaryKey.Split(':'), ProxyFixture.OperatorKey],
        secret => Assert.True(proxy.Services.GetRequiredService<Redaction>().Holds($"a {secret} b"), secret));

    [Fact]
    public async Task No_log_line_opens_a_sealed_address()
    {
        using var caller = await proxy.NewFalCaller();
        using var anyone = proxy.Anyone();
        var place = await caller.Call("POST /api/fal/proxy", new JsonObject { ["content_type"] = "image/jpeg", ["file_name"] = "still.jpg" }, FalCalls.Target(FalCalls.StorageTarget)).Json();
        var (upload, file) = (new Uri(place.Text("upload_url")), new Uri(place.Text("file_url")));

        foreach (var path in new[] { upload.AbsolutePath, upload.AbsolutePath.ToUpperInvariant().Replace(upload.Segments[^1].ToUpperInvariant(), upload.Segments[^1], StringComparison.Ordinal), $"{upload.AbsolutePath}?again=1" })
        {
            using var content = new ByteArrayContent(await File.ReadAllBytesAsync(EndToEnd.Repository.Still, TestContext.Current.CancellationToken));
            using var sent = await anyone.PutAsync(path, content, TestContext.Current.CancellationToken);
        }
        await anyone.Call($"GET {file.AbsolutePath}").Status();
        await anyone.Call($"GET {file.AbsolutePath}/below").Status();

        foreach (var seal in new[] { upload.Segments[^1], file.Segments[^1] }) // not even where an operator turns the libraries' logs up
        {
            Assert.Contains(proxy.Log.Lines, line => line.Contains(seal, StringComparison.Ordinal)); // or nothing is shown here
            Assert.DoesNotContain(Leaving(_ => true), line => line.Contains(seal, StringComparison.Ordinal));
        }
    }

    [Fact]
    public async Task Every_answer_names_its_request_and_which_fal_it_speaks_for()
    {
        using var caller = await proxy.NewCaller();
        string[] calls = ["GET /", "GET /v1/models", "GET /v1/jobs", "GET /v1/nothing", "GET /problems", "GET /health/live", "GET /openapi/v1.json", "POST /webhooks/fal/a/b"];

        var ids = new HashSet<string>();
        foreach (var call in calls)
        {
            using var reply = await caller.Call(call);
            Assert.Equal("live", Assert.Single(reply.Headers.GetValues("X-KlingProxy-Mode")));
            Assert.Equal("nosniff", Assert.Single(reply.Headers.GetValues("X-Content-Type-Options")));
            Assert.Matches("^req_[0-9a-f]{32}$", Assert.Single(reply.Headers.GetValues("X-Request-Id")));
            Assert.True(ids.Add(reply.Headers.GetValues("X-Request-Id").Single()));
            Assert.False(reply.Headers.Contains("Server"));
        }
    }

    private static bool IsLoggedInProduction(LogEvent logged) =>
        logged.Level >= (logged.Properties.GetValueOrDefault("SourceContext")?.ToString().Trim('"').StartsWith("KlingProxy", StringComparison.Ordinal) is true ? LogEventLevel.Debug : LogEventLevel.Warning);

    // As it comes through the last gate.
    private List<string> Leaving(Func<LogEvent, bool> isLogged)
    {
        var redaction = new Redaction();
        redaction.Learn(ProxyFixture.CanaryKey);
        redaction.LearnExactly(ProxyFixture.OperatorKey);
        var gate = new RedactedFormat(new CompactJsonFormatter(), redaction);
        return [.. proxy.Log.Events.Where(isLogged).Select(logged =>
        {
            using var line = new StringWriter();
            gate.Format(logged, line);
            return line.ToString();
        })];
    }

    private static string Filled(RouteEndpoint route) =>
        string.Join('/', route.RoutePattern.PathSegments.Select(segment => segment.Parts is [RoutePatternLiteralPart literal] ? literal.Content : "x"));
}
