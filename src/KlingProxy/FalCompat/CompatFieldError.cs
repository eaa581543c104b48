using System.Globalization;
using System.Text.Json.Nodes;

namespace KlingProxy.FalCompat;

/// <summary>Where a field error points, in the three ways in which it is told: our pointer, fal's <c>loc</c>, and words.</summary>
internal static class CompatFieldError
{
    /// <summary>Sentences in one message; the rest is in the list.</summary>
    private const int MaxInMessage = 3;

    /// <summary>The path of a JSON pointer into the body of a job: fal's body is our <c>input</c>.</summary>
    public static IReadOnlyList<string> Path(string pointer)
    {
        var parts = pointer.Split('/', StringSplitOptions.RemoveEmptyEntries)
            .Select(part => part.Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal));
        return ["body", .. parts.SkipWhile((part, index) => index == 0 && part == "input")];
    }

    /// <summary>Names as text, indexes as numbers.</summary>
    public static JsonArray Location(IEnumerable<string> path)
    {
        var location = new JsonArray();
        foreach (var part in path)
            location.Add(int.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out var index) ? (JsonNode)index : (JsonNode)part);
        return location;
    }

    public static string Sentence(IEnumerable<string> path, string message) =>
        string.Join('.', path.Where(part => part is not ("body" or "root" or "__root__"))) is { Length: > 0 } name ? $"{name}: {message}" : message;

    public static string Message(string title, IReadOnlyCollection<string> sentences) =>
        $"{title} {string.Join(' ', sentences.Take(MaxInMessage))}{(sentences.Count > MaxInMessage ? $" (and {sentences.Count - MaxInMessage} more)" : "")}";
}
