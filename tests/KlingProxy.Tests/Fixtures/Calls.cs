using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace KlingProxy.Tests.Fixtures;

/// <summary>One call as a manual writes it, <c>caller.Call("POST /v1/jobs", order, ("Prefer", "wait=5"))</c>, and what a refusal must look like.</summary>
internal static class Calls
{
    public static async Task<HttpResponseMessage> Call(this HttpClient caller, string line, JsonNode? body = null, params (string Name, string Value)[] headers)
    {
        var (method, path) = line.Split(' ', 2) is [var verb, var rest] ? (verb, rest) : throw new ArgumentException("Write a verb and a path.", nameof(line));
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        if (body is not null)
            request.Content = new StringContent(body.ToJsonString(), Encoding.UTF8, "application/json");
        foreach (var (name, value) in headers)
            Assert.True(request.Headers.TryAddWithoutValidation(name, value));
        return await caller.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);
    }

    public static async Task<int> Status(this Task<HttpResponseMessage> calling)
    {
        using var reply = await calling;
        return (int)reply.StatusCode;
    }

    /// <summary>All that an answer tells caches. A 304 says the same as the whole answer would (RFC 9110 §15.4.5), or its word would replace that.</summary>
    public static string ToCaches(this HttpResponseMessage reply) => string.Join('\n',
        from header in reply.Headers.Concat(reply.Content.Headers)
        where header.Key is "Cache-Control" or "Content-Location" or "ETag" or "Expires" or "Vary"
        orderby header.Key
        select $"{header.Key}: {string.Join(", ", header.Value)}");

    /// <summary>Whoever refuses, for whatever reason, says so in one shape.</summary>
    public static async Task<JsonElement> Refused(this Task<HttpResponseMessage> calling, int status, string code)
    {
        using var reply = await calling;
        var text = await reply.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.Equal((status, "application/problem+json", text), ((int)reply.StatusCode, reply.Content.Headers.ContentType?.MediaType, text));
        var problem = JsonElement.Parse(text);
        Assert.Equal((code, $"/problems/{code}", status), (problem.Text("code"), problem.Text("type"), problem.GetProperty("status").GetInt32()));
        Assert.All(["title", "detail", "help"], field => Assert.NotEmpty(problem.Text(field)));
        if (status is 429 or 503 || problem.Text("help").Contains("Retry-After", StringComparison.Ordinal)) // what is promised is there
            Assert.Equal(problem.GetProperty("retry_after").GetInt32(), reply.Headers.RetryAfter?.Delta?.TotalSeconds);
        Assert.Equal(Assert.Single(reply.Headers.GetValues("X-Request-Id")), problem.Text("request_id"));
        Assert.True(reply.Headers.CacheControl?.NoStore);
        return problem;
    }

    /// <summary>An answer without what says which call it was, and when: what two callers could compare.</summary>
    public static async Task<string> Essence(this Task<HttpResponseMessage> calling)
    {
        using var reply = await calling;
        var requestId = reply.Headers.GetValues("X-Request-Id").Single();
        foreach (var own in new[] { "Date", "RateLimit" })
            reply.Headers.Remove(own);
        var body = await reply.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        return $"{(int)reply.StatusCode}\n{reply.Headers}{reply.Content.Headers}\n{body}".Replace(requestId, "", StringComparison.Ordinal);
    }

    /// <summary>Where a refusal, or a job's error, points.</summary>
    public static IEnumerable<string> Pointers(this JsonElement problem) => problem.TryGetProperty("errors", out var errors)
        ? errors.EnumerateArray().Select(error => error.Text("pointer"))
        : [];
}
