using System.Net;
using System.Net.Http.Json;
using System.Reflection;
using System.Text;
using System.Text.Json;

using KlingProxy.Http.Problems;
using KlingProxy.Tests.Fixtures;

using Microsoft.Extensions.DependencyInjection;

namespace KlingProxy.Tests.Http.Problems;

/// <summary>A refusal has a name that leads to a page, whoever declared it.</summary>
public sealed class ProblemPageTests(ProxyFixture proxy) : IClassFixture<ProxyFixture>
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <summary>Every problem that the code declares, known to the pages or not.</summary>
    private static IReadOnlyList<Problem> Declared { get; } =
    [
        .. from type in typeof(Problem).Assembly.GetTypes()
           from field in type.GetFields(BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic)
           where field.FieldType == typeof(Problem)
           select (Problem)field.GetValue(null)!,
    ];

    private IReadOnlyList<Problem> Known => [.. proxy.Services.GetServices<Problem>()];

    [Fact]
    public void Every_problem_that_is_declared_has_a_page_and_a_code_of_its_own()
    {
        Assert.Empty(Declared.Except(Known).Select(problem => problem.Code));
        Assert.Empty(Known.GroupBy(problem => problem.Code).Where(same => same.Count() > 1).Select(same => same.Key));
    }

    [Fact]
    public void Every_problem_can_be_read()
    {
        foreach (var problem in Declared)
        {
            Assert.Matches("^[a-z]+(-[a-z]+)*$", problem.Code);
            Assert.InRange(problem.Status, 400, 599);
            Assert.EndsWith(".", problem.Title, StringComparison.Ordinal);
            Assert.EndsWith(".", problem.Help, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Every_page_says_what_it_is_and_what_to_do()
    {
        using var anyone = proxy.Anyone();
        var index = await anyone.GetStringAsync("/problems", Cancel);

        foreach (var problem in Known)
        {
            var page = WebUtility.HtmlDecode(await anyone.GetStringAsync(problem.Type, Cancel));

            Assert.Contains(problem.Title, page, StringComparison.Ordinal);
            Assert.Contains(problem.Help, page, StringComparison.Ordinal);
            Assert.Contains($"href=\"{problem.Type}\"", index, StringComparison.Ordinal);
        }
    }

    public static TheoryData<string, string, string?, string?, int, string> Refusals => new()
    {
        // method, path,                  body,               media type,        status, code
        { "GET",  "/v1/nothing",          null,               null,              404, "not-found" },
        { "GET",  "/problems/nothing",    null,               null,              404, "not-found" },
        { "PUT",  "/v1/jobs",             null,               null,              405, "method-not-allowed" },
        { "GET",  "/v1/jobs/job_0",       null,               null,              404, "job-not-found" },
        { "GET",  "/v1/jobs?limit=0",     null,               null,              400, "malformed" },
        { "POST", "/v1/jobs",             "{",                "application/json", 400, "malformed" },
        { "POST", "/v1/jobs",             "{}",               "text/plain",      415, "unsupported-media-type" },
        { "POST", "/v1/jobs",             "{}",               "application/json", 422, "invalid-input" },
        { "POST", "/v1/jobs",             """{"model":"x"}""", "application/json", 422, "unknown-model" },
        { "GET",  "/v1/keys",             null,               null,              403, "forbidden" },
    };

    [Theory, MemberData(nameof(Refusals))]
    public async Task Every_refusal_names_a_page_that_exists(string method, string path, string? body, string? mediaType, int status, string code)
    {
        using var caller = await proxy.NewCaller();
        using var request = new HttpRequestMessage(new HttpMethod(method), path) { Content = body is null ? null : new StringContent(body, Encoding.UTF8, mediaType!) };
        using var reply = await caller.SendAsync(request, Cancel);
        var problem = await reply.Content.ReadFromJsonAsync<JsonElement>(Cancel);
        using var page = await caller.GetAsync(problem.Text("type"), Cancel);

        Assert.Equal((status, code, $"/problems/{code}"), ((int)reply.StatusCode, problem.Text("code"), problem.Text("type")));
        Assert.Equal("application/problem+json", reply.Content.Headers.ContentType?.MediaType);
        Assert.Equal(Assert.Single(reply.Headers.GetValues("X-Request-Id")), problem.Text("request_id"));
        Assert.Equal(HttpStatusCode.OK, page.StatusCode);
    }
}
