using System.Globalization;

using Microsoft.AspNetCore.Http;

namespace KlingProxy.Sandbox.Platform;

/// <summary>The parameters that the calls of the Platform API share, and the first thing that is wrong with them.</summary>
internal sealed class PlatformQuery(IQueryCollection query)
{
    private const int MaxEndpoints = 50;

    private static readonly string[] Instants =
        ["yyyy-MM-dd", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFF'Z'", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFzzz"];

    public string? Wrong { get; private set; }

    /// <summary>Repeated, separated by commas, or both.</summary>
    public IReadOnlyList<string> Several(string name) =>
        [.. query[name].SelectMany(value => (value ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))];

    public IReadOnlyList<string> Endpoints(int min)
    {
        var endpoints = Several("endpoint_id");
        if (endpoints.Count < min || endpoints.Count > MaxEndpoints) Blame($"endpoint_id: expected {min} to {MaxEndpoints} ids");
        return endpoints;
    }

    /// <summary>Null when left out.</summary>
    public string? OneOf(string name, params string[] permitted)
    {
        if (Text(name) is not { } word) return null;
        if (!permitted.Contains(word)) Blame($"{name}: expected one of {string.Join(", ", permitted)}");
        return word;
    }

    public string? RequestId()
    {
        if (Text("request_id") is not { } id) return null;
        if (!Guid.TryParseExact(id, "D", out _)) Blame("request_id: expected a UUID");
        return id;
    }

    public Page Page(int max = int.MaxValue)
    {
        var size = 50;
        if (Text("limit") is { } limit && (!int.TryParse(limit, NumberStyles.None, CultureInfo.InvariantCulture, out size) || size < 1 || size > max))
            Blame(max == int.MaxValue ? "limit: expected at least 1" : $"limit: expected 1 to {max}");

        var number = Text("cursor") is { } cursor ? Platform.Page.NumberIn(cursor) : 1;
        if (number is null) Blame("cursor: expected one that an answer gave");
        return new Page(number ?? 1, size);
    }

    public Window Window(DateTimeOffset otherwiseFrom) => new(Instant("start") ?? otherwiseFrom, Instant("end"));

    private DateTimeOffset? Instant(string name)
    {
        if (Text(name) is not { } text) return null;
        if (DateTimeOffset.TryParseExact(text, Instants, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var instant)) return instant;
        Blame($"{name}: expected a date, or a time with its offset, in ISO 8601");
        return null;
    }

    private string? Text(string name) => query.TryGetValue(name, out var values) ? values.ToString() : null;

    private void Blame(string wrong) => Wrong ??= wrong;
}
