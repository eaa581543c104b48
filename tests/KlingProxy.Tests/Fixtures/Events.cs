using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using System.Text.Json;

namespace KlingProxy.Tests.Fixtures;

/// <summary>A job's events as a browser reads them.</summary>
internal static class Events
{
    /// <summary>Until the service closes the stream. Heartbeats are left out.</summary>
    public static async IAsyncEnumerable<(string? Id, JsonElement Data)> Watch(
        this HttpClient caller, string path, (string Name, string Value)[]? headers = null, [EnumeratorCancellation] CancellationToken cancel = default)
    {
        using var reply = await caller.Call($"GET {path}", null, [("Accept", "text/event-stream"), .. headers ?? []]);
        Assert.Equal((200, "text/event-stream"), ((int)reply.StatusCode, reply.Content.Headers.ContentType?.MediaType));
        await using var stream = await reply.Content.ReadAsStreamAsync(cancel);
        await foreach (var item in SseParser.Create(stream).EnumerateAsync(cancel))
        {
            Assert.DoesNotContain(ProxyFixture.CanaryKey, item.Data, StringComparison.Ordinal);
            if (item.EventType == "heartbeat")
                continue;
            Assert.Equal("job", item.EventType);
            yield return (item.EventId, JsonElement.Parse(item.Data));
        }
    }

    public static async Task<List<JsonElement>> AllEvents(this HttpClient caller, string jobId, string query = "", params (string Name, string Value)[] headers)
    {
        var all = new List<JsonElement>();
        await foreach (var (_, data) in caller.Watch($"/v1/jobs/{jobId}/events{query}", headers, TestContext.Current.CancellationToken))
            all.Add(data);
        return all;
    }

    /// <summary>Watches until the job has, or had, this status.</summary>
    public static async Task Reaches(this HttpClient caller, string jobId, string status, long after = 0)
    {
        await foreach (var (_, data) in caller.Watch($"/v1/jobs/{jobId}/events?after={after}", cancel: TestContext.Current.CancellationToken))
            if (data.Text("status") == status)
                return;
        Assert.Fail($"The job ended without having been {status}.");
    }

    public static IEnumerable<string> Statuses(this IEnumerable<JsonElement> events) => events.Select(happened => happened.Text("status"));

    public static IEnumerable<long> Sequences(this IEnumerable<JsonElement> events) => events.Select(happened => happened.GetProperty("sequence").GetInt64());
}
