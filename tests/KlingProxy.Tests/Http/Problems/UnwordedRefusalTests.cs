using System.Text.Json;

using KlingProxy.Http;
using KlingProxy.Http.Wire;
using KlingProxy.Tests.Fixtures;

using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace KlingProxy.Tests.Http.Problems;

/// <summary>A status without words, and an exception of whoever's, leave as problems that help; never in the words of a framework.</summary>
public sealed class UnwordedRefusalTests : IAsyncLifetime
{
    private const string FrameworksWords = "See MinRequestBodyDataRate.";

    private WebApplication app = null!;
    private HttpClient caller = null!;

    public static TheoryData<int, string> Statuses => new()
    {
        { 400, "malformed" },
        { 404, "not-found" },
        { 405, "method-not-allowed" },
        { 408, "body-too-slow" },
        { 411, "malformed" },
        { 413, "too-large" },
        { 415, "unsupported-media-type" },
        { 418, "malformed" },
        { 500, "internal" },
        { 501, "internal" },
    };

    public static TheoryData<string, int, string> Ways =>
    [
        .. from status in Statuses
           from way in new[] { "says", "throws" }
           select (way, status.Data.Item1, status.Data.Item2),
    ];

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task Is_a_problem_that_helps(string way, int status, string code)
    {
        var problem = await caller.Call($"GET /{way}?status={status}").Refused(status, code);

        Assert.DoesNotContain(FrameworksWords, problem.ToString(), StringComparison.Ordinal);
        if (code == "malformed")
            Assert.DoesNotContain("JSON", problem.Text("help"), StringComparison.Ordinal); // nobody asked for any
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task Is_told_to_HEAD_by_its_headers(string way, int status, string code)
    {
        using var reply = await caller.Call($"HEAD /{way}?status={status}");

        Assert.Equal((status, code, "application/problem+json"), ((int)reply.StatusCode, code, reply.Content.Headers.ContentType?.MediaType));
        Assert.Single(reply.Headers.GetValues("X-Request-Id"));
        Assert.Equal(200, await caller.Call("GET /fine").Status());
    }

    [Theory]
    [InlineData("GET")]
    [InlineData("HEAD")]
    public async Task A_bug_is_internal(string verb)
    {
        using var reply = await caller.Call($"{verb} /breaks");

        Assert.Equal((500, "application/problem+json"), ((int)reply.StatusCode, reply.Content.Headers.ContentType?.MediaType));
        var body = await reply.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.Equal(verb == "HEAD" ? "" : "internal", verb == "HEAD" ? body : JsonElement.Parse(body).Text("code"));
        Assert.DoesNotContain("secret", body, StringComparison.Ordinal);
    }

    public async ValueTask InitializeAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.AddProblems(new ServiceMode("live"));
        app = builder.Build();
        app.UseHttp();
        app.UseRoutes();
        app.MapGet("/fine", (RequestDelegate)(context => context.Response.WriteAsync("fine")));
        app.MapGet("/breaks", (RequestDelegate)(_ => throw new InvalidOperationException("a secret")));
        app.MapGet("/throws", (RequestDelegate)(context => throw new BadHttpRequestException(FrameworksWords, Status(context))));
        app.MapGet("/says", (RequestDelegate)(context =>
        {
            context.Response.StatusCode = Status(context);
            return Task.CompletedTask;
        }));
        await app.StartAsync();
        caller = new HttpClient { BaseAddress = new Uri(app.Urls.Single()) };
    }

    public async ValueTask DisposeAsync()
    {
        caller.Dispose();
        await app.DisposeAsync();
    }

    private static int Status(HttpContext context) => int.Parse(context.Request.Query["status"].ToString(), System.Globalization.CultureInfo.InvariantCulture);
}
