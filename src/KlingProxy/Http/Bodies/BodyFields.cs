using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text.Json;

using KlingProxy.Http.Problems;
using KlingProxy.Http.Wire;

using Microsoft.AspNetCore.Http.Features;

namespace KlingProxy.Http.Bodies;

/// <summary>
/// The fields of a small body, asked for by name. Whatever is wrong with any of them is gathered, so that it can be said at once; a field that
/// is null is absent, and one that nobody asks for is a mistake.
/// </summary>
internal sealed class BodyFields
{
    public static readonly Problem Invalid = new("invalid-request", 422, "The request breaks rules.",
        "errors lists every broken rule by JSON pointer. Nothing was changed.")
    {
        Typical = new("/scopes", "one-of", "scopes must be a list of one or more of jobs, tickets, operator."),
    };

    /// <summary>In bytes.</summary>
    private const long Limit = 16 * 1024;

    private const decimal MinUsd = 0.000001m;

    private readonly JsonElement body;
    private readonly List<string> known = [], unchangeable = [];
    private readonly List<(string Name, Violation Violation)> broken = [];

    private BodyFields(JsonElement body) => this.body = body;

    /// <param name="isOptional">No body at all is an empty one.</param>
    public static async Task<(BodyFields Fields, Refusal? Refusal)> Read(HttpRequest request, CancellationToken cancel, bool isOptional = false)
    {
        if (isOptional && request.HttpContext.Features.Get<IHttpRequestBodyDetectionFeature>() is { CanHaveBody: false })
            return (new BodyFields(default), null);
        var json = await JsonBody.Read(request, Limit, cancel);
        return (new BodyFields(json.Content), json.Refusal);
    }

    /// <summary>A merge patch (RFC 7396): what is absent stays, what is null is from then on as if it had never been given.</summary>
    public static async Task<(BodyFields Fields, Refusal? Refusal)> ReadPatch(HttpRequest request, CancellationToken cancel)
    {
        var json = await JsonBody.Read(request, Limit, cancel, JsonContentType.MergePatch);
        return (new BodyFields(json.Content), json.Refusal);
    }

    /// <summary>Whether anything is wrong, once every field has been asked for.</summary>
    public bool AreBroken([NotNullWhen(true)] out Refusal? refusal)
    {
        if (body.ValueKind == JsonValueKind.Object)
            foreach (var property in body.EnumerateObject().Where(property => !known.Contains(property.Name) && !unchangeable.Contains(property.Name)))
                Broken(property.Name, "unknown-field", $"There is no such field; this body has {string.Join(", ", known)}.");
        refusal = broken.Count > 0 ? Invalid.Because(errors: InOrder()) : null;
        return refusal is not null;
    }

    /// <param name="name">Of the field; empty for the body as a whole.</param>
    public void Broken(string name, string code, string detail) =>
        broken.Add((name, new(name.Length == 0 ? "" : $"/{JsonPointer.Escape(name)}", code, detail)));

    /// <summary>Whether the body has it at all, be it null.</summary>
    public bool Names(string name) => body.ValueKind == JsonValueKind.Object && body.TryGetProperty(name, out _);

    /// <summary>What a merge patch says of a field.</summary>
    /// <param name="read">Reads it by its name; its null is what it says where it is null.</param>
    public Patched<T> Patched<T>(string name, Func<string, T> read) => new(Names(name), read(name));

    /// <summary>Fields of what is patched that nobody changes so.</summary>
    public void Unchangeable(params IEnumerable<string> names)
    {
        foreach (var name in names.Where(Names))
        {
            unchangeable.Add(name);
            Broken(name, "unchangeable", $"{name} cannot be changed.");
        }
    }

    /// <param name="maxLength">In characters; none of them a control character.</param>
    public string? Text(string name, int maxLength, bool isRequired = false)
    {
        var text = Find(name) is { } value && value.ValueKind == JsonValueKind.String ? value.GetString()!.Trim() : null;
        if (text is not null && text.Length >= (isRequired ? 1 : 0) && text.Length <= maxLength && !text.Any(char.IsControl))
            return text;
        if (isRequired || Find(name) is not null)
            Broken(
                name, isRequired && Find(name) is null ? "required" : "text",
                $"{name} must be a text of {(isRequired ? "1 to" : "at most")} {maxLength} characters, without control characters.");
        return null;
    }

    /// <param name="rule">What every item has to be, in words: <c>a list of …</c>.</param>
    public IReadOnlyList<string> Texts(string name, string code, string rule, Func<IReadOnlyList<string>, bool> isRight, bool isRequired = false)
    {
        var texts = Find(name) is { ValueKind: JsonValueKind.Array } list && list.EnumerateArray().All(item => item.ValueKind == JsonValueKind.String)
            ? list.EnumerateArray().Select(item => item.GetString()!).Distinct().ToList()
            : null;
        if (texts is not null && isRight(texts))
            return texts;
        if (isRequired || Find(name) is not null)
            Broken(name, code, $"{name} must be {rule}.");
        return [];
    }

    /// <returns>Whether it is <c>true</c>.</returns>
    public bool Yes(string name)
    {
        if (Find(name) is not { } value)
            return false;
        if (value.ValueKind is JsonValueKind.True or JsonValueKind.False)
            return value.GetBoolean();
        Broken(name, "boolean", $"{name} must be true or false.");
        return false;
    }

    public int? Count(string name, int min, int max)
    {
        if (Find(name) is not { } value)
            return null;
        if (value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var count) && count >= min && count <= max)
            return count;
        Broken(name, "range", $"{name} must be a whole number from {min} to {max}.");
        return null;
    }

    /// <summary>Money is kept in millionths of a USD: what is finer would be lost without a word.</summary>
    public decimal? Usd(string name, bool isRequired = false)
    {
        if (Find(name) is not { } value)
        {
            if (isRequired)
                Broken(name, "required", $"{name} must be given: USD as a decimal string, such as \"25.00\".");
            return null;
        }
        if (Money.TryRead(value, out var usd) && usd % MinUsd == 0)
            return usd;
        Broken(name, "money", $"{name} must be USD as a decimal string, such as \"25.00\", of at most six decimals.");
        return null;
    }

    public DateTimeOffset? Future(string name, DateTimeOffset now)
    {
        if (Find(name) is not { } value)
            return null;
        if (value.ValueKind == JsonValueKind.String
            && DateTimeOffset.TryParseExact(value.GetString(), ["yyyy-MM-dd'T'HH:mm:ssK", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK"], CultureInfo.InvariantCulture,
                DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var time) && time > now)
            return time;
        Broken(name, "time", $"{name} must be an RFC 3339 time in the future, such as 2099-01-31T12:00:00Z.");
        return null;
    }

    // As the body has them; what it lacks comes last.
    private IReadOnlyList<Violation> InOrder()
    {
        List<string> order = body.ValueKind == JsonValueKind.Object ? [.. body.EnumerateObject().Select(property => property.Name)] : [];
        return [.. broken.OrderBy(one => order.IndexOf(one.Name) is var place and >= 0 ? place : order.Count).Select(one => one.Violation)];
    }

    private JsonElement? Find(string name)
    {
        if (!known.Contains(name))
            known.Add(name);
        return body.ValueKind == JsonValueKind.Object && body.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null ? value : null;
    }
}
