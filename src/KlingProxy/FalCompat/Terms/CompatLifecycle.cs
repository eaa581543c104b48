using System.Globalization;
using System.Text.Json;

namespace KlingProxy.FalCompat.Terms;

/// <summary>
/// How long fal shall keep files, as its documents and clients write it (docs/fal-contract.md §4.4): seconds as a number or as text, a client's word for them,
/// <c>null</c> or 0 for ever; and who may see them, as long as that is everybody.
/// </summary>
internal static class CompatLifecycle
{
    /// <summary>In seconds. A video that is gone sooner was seen by nobody; ten years is for ever.</summary>
    private const long MinLifetimeSeconds = 60, MaxLifetimeSeconds = 10L * 365 * 24 * 3600;

    private const int MaxHeaderLength = 2048;

    /// <summary>The words of fal's clients, in seconds; 0 is for ever.</summary>
    private static readonly Dictionary<string, long> Words = new(StringComparer.OrdinalIgnoreCase)
    {
        ["never"] = 0,
        ["immediate"] = MinLifetimeSeconds,
        ["1h"] = 3600,
        ["1d"] = 86_400,
        ["7d"] = 604_800,
        ["30d"] = 2_592_000,
        ["1y"] = 31_536_000,
    };

    /// <param name="header">Its name, for the words of a fault.</param>
    /// <returns>A lifetime, <c>null</c> for none; or what is wrong.</returns>
    public static (TimeSpan? Lifetime, string? Fault) Read(string header, string? text)
    {
        // nothing in it needs an escape, and some stand for no text
        if (text is null || text.Length > MaxHeaderLength || text.Any(character => character is < ' ' or > '~' or '\\'))
            return (null, $"{header} must be one JSON object in ASCII, without escapes, of at most {MaxHeaderLength} characters.");
        if (TryReadSeconds(text.Trim(), out var alone))
            return (Lifetime(alone), null);
        if (Parse(text) is not { ValueKind: JsonValueKind.Object } wish)
            return (null, $"{header} must be a JSON object, such as {{\"expiration_duration_seconds\":86400}}.");

        var lifetime = default(TimeSpan?);
        foreach (var property in wish.EnumerateObject().Where(property => property.Value.ValueKind != JsonValueKind.Null))
        {
            switch (property.Name)
            {
                case "expiration_duration_seconds" when TryReadSeconds(property.Value, out var seconds):
                    lifetime = Lifetime(seconds);
                    break;
                case "expiration_duration_seconds":
                    return (null, string.Create(
                        CultureInfo.InvariantCulture,
                        $"{header}: expiration_duration_seconds must be a whole number from 0 (for ever) to {MaxLifetimeSeconds}, or one of "
                            + $"{string.Join(", ", Words.Keys)}."));
                case "initial_acl" when ShowsEverybody(property.Value):
                    break;
                case "initial_acl":
                    return (null, $"{header}: initial_acl may only allow. What fal hides could not be shown to its caller, and a paid video would be lost.");
                default:
                    return (null, $"{header} may hold expiration_duration_seconds and initial_acl, and nothing else.");
            }
        }
        return (lifetime, null);
    }

    private static TimeSpan? Lifetime(long seconds) => seconds == 0 ? null : TimeSpan.FromSeconds(Math.Max(seconds, MinLifetimeSeconds));

    private static bool TryReadSeconds(JsonElement value, out long seconds)
    {
        seconds = 0;
        return value.ValueKind switch
        {
            JsonValueKind.Number => value.TryGetInt64(out seconds) && seconds is >= 0 and <= MaxLifetimeSeconds,
            JsonValueKind.String => TryReadSeconds(value.GetString()!, out seconds),
            _ => false,
        };
    }

    private static bool TryReadSeconds(string text, out long seconds) =>
        Words.TryGetValue(text, out seconds)
            || (long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out seconds) && seconds <= MaxLifetimeSeconds);

    private static bool ShowsEverybody(JsonElement acl) => acl.ValueKind == JsonValueKind.Object && acl.EnumerateObject().All(part => part.Name switch
    {
        "default" => Allows(part.Value),
        "rules" => part.Value.ValueKind == JsonValueKind.Null
            || (part.Value.ValueKind == JsonValueKind.Array && part.Value.EnumerateArray().All(AllowsSomebody)),
        _ => false,
    });

    private static bool AllowsSomebody(JsonElement rule) =>
        rule.ValueKind == JsonValueKind.Object && rule.TryGetProperty("decision", out var decision) && Allows(decision);

    private static bool Allows(JsonElement decision) =>
        decision.ValueKind == JsonValueKind.Null || (decision.ValueKind == JsonValueKind.String && decision.ValueEquals("allow"));

    private static JsonElement Parse(string text)
    {
        try
        {
            return JsonElement.Parse(text);
        }
        catch (JsonException)
        {
            return default;
        }
    }
}
