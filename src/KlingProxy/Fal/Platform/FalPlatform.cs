using System.Globalization;
using System.Text.Json;

using KlingProxy.Fal.Calls;
using KlingProxy.Ids;

using Microsoft.Extensions.Options;

namespace KlingProxy.Fal.Platform;

/// <summary>A request that fal has a record of.</summary>
/// <param name="SentAt">By fal's clock.</param>
/// <param name="Input">What it was asked for, where fal kept it.</param>
internal sealed record FalRecord(FalRequestId RequestId, DateTimeOffset SentAt, JsonElement Input);

/// <summary>What fal billed on one UTC day for one model.</summary>
/// <param name="Amount">USD.</param>
internal sealed record FalBill(DateOnly Day, string Model, decimal Amount);

/// <summary>fal's Platform API (fal.ai/docs, platform-apis v1): which requests there were, and what was billed. Read only, and optional.</summary>
internal sealed class FalPlatform(FalRetryingCalls reads, FalAdminKey adminKey, IOptions<FalOptions> options)
{
    /// <summary>Of a hundred items each: more than ever happened in the time that is asked for.</summary>
    private const int MaxPages = 50;

    /// <summary>In characters; fal's are a few dozen.</summary>
    private const int MaxCursorLength = 2048;

    /// <summary>USD, either way; beyond it is a slip of the pen, and a sum of such could not be written down.</summary>
    private const decimal MaxAmount = 1_000_000_000;

    /// <summary>Whether lost submits may be looked for among fal's records.</summary>
    public bool ListsRequests => options.Value.RequestListing;

    /// <summary>Whether fal may be asked what it billed.</summary>
    public bool TellsBills => adminKey.IsSet;

    /// <summary>Requests to one model that ended since; fal lists none that still runs.</summary>
    /// <returns><c>null</c> when fal does not answer, or not to the end.</returns>
    public async Task<IReadOnlyList<FalRecord>?> Requests(string model, DateTimeOffset since, CancellationToken cancel)
    {
        var records = new List<FalRecord>();
        var query = $"/models/requests/by-endpoint?endpoint_id={Uri.EscapeDataString(model)}&start={Text(since)}&expand=payloads&limit=100";
        await foreach (var page in Pages(query, reads.LongWithKey, cancel))
        {
            if (page is not { } json)
                return null;
            records.AddRange(from item in Items(json, "items")
                             where item.Text("request_id") is { } id && FalReading.IsRequestId(id) && item.Time("sent_at") is not null
                             select new FalRecord(new FalRequestId(item.Text("request_id")!), item.Time("sent_at")!.Value, item.Property("json_input")));
        }
        return records;
    }

    /// <returns>Per day and model, both days inclusive; <c>null</c> when fal does not answer.</returns>
    public async Task<IReadOnlyList<FalBill>?> Bills(IReadOnlyList<string> models, DateOnly from, DateOnly to, CancellationToken cancel)
    {
        var bills = new List<FalBill>();
        var query = $"/models/usage?start={Text(from)}&end={Text(to.AddDays(1))}&timeframe=day&timezone=UTC&expand=time_series"
            + string.Concat(models.Select(model => $"&endpoint_id={Uri.EscapeDataString(model)}"));
        await foreach (var page in Pages(query, reads.LongWithAdminKey, cancel))
        {
            if (page is not { } json)
                return null;
            bills.AddRange(from bucket in Items(json, "time_series")
                           let start = bucket.Time("bucket")
                           where start is not null
                           from line in Items(bucket, "results")
                           where line.Text("endpoint_id") is { } model && models.Contains(model) // what was asked for
                           select new FalBill(DateOnly.FromDateTime(start.Value.UtcDateTime), line.Text("endpoint_id")!, Amount(line)));
        }
        return [.. bills.GroupBy(bill => (bill.Day, bill.Model)).Select(day => new FalBill(day.Key.Day, day.Key.Model, day.Sum(bill => bill.Amount)))];
    }

    // Ends with null when fal does not answer: half a list would be a wrong one.
    private async IAsyncEnumerable<JsonElement?> Pages(
        string query, Func<HttpMethod, Uri, CancellationToken, Task<FalReply>> ask,
        [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancel)
    {
        var cursor = "";
        for (var page = 0; page < MaxPages; page++)
        {
            var reply = await ask(HttpMethod.Get, FalAddress.Platform(options.Value, query + cursor), cancel);
            var json = JsonReading.TryParse(reply.Body);
            if (!reply.IsSuccess || json.ValueKind != JsonValueKind.Object)
            {
                yield return null;
                yield break;
            }
            yield return json;
            if (json.Text("next_cursor") is not { Length: > 0 } next)
                yield break;
            if (next.Length > MaxCursorLength)
                break;
            cursor = $"&cursor={Uri.EscapeDataString(next)}";
        }
        yield return null;
    }

    private static JsonElement.ArrayEnumerator Items(JsonElement json, string name) =>
        json.Property(name) is { ValueKind: JsonValueKind.Array } items ? items.EnumerateArray() : default;

    private static decimal Amount(JsonElement line) =>
        (line.Number("cost_total") ?? line.Number("cost")) is >= -MaxAmount and <= MaxAmount and var amount ? amount : 0;

    private static string Text(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    private static string Text(DateOnly day) => Text(new DateTimeOffset(day, default, TimeSpan.Zero));
}
