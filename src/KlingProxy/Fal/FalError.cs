using System.Text.Json;

namespace KlingProxy.Fal;

/// <summary>What fal said was wrong, kept without its <c>input</c> echoes (they may be whole data URIs).</summary>
/// <param name="Status">HTTP status; 0 where there was none (a status reply's <c>error</c>).</param>
/// <param name="Type">The first <c>type</c> of a detail list, or the <c>error_type</c>; <c>null</c> when fal gave neither: then it is not the job's own answer.</param>
/// <param name="Message">A sentence.</param>
/// <param name="Fields">The entries of a detail list.</param>
internal sealed record FalError(int Status, string? Type, string Message, IReadOnlyList<FalFieldError> Fields)
{
    /// <summary>The caller's start deadline passed (<c>X-Fal-Request-Timeout-Type: user</c>), and not a limit of the run's.</summary>
    public bool IsOfStartDeadline { get; init; }

    /// <summary>Longest text that is kept of anything fal says, in UTF-16 code units.</summary>
    private const int MaxText = 500;

    private const int MaxCategories = 20;

    /// <summary>Reads the two documented shapes, <c>{"detail":[…]}</c> and <c>{"detail":"…","error_type":"…"}</c>; anything else is untyped.</summary>
    public static FalError Read(int status, ReadOnlySpan<byte> body, string? errorTypeHeader = null)
    {
        var json = JsonReading.TryParse(body);
        var detail = json.Property("detail");
        var type = Word(json.Text("error_type")) ?? Word(errorTypeHeader);

        if (detail.ValueKind == JsonValueKind.Array)
        {
            var fields = detail.EnumerateArray().Where(item => item.ValueKind == JsonValueKind.Object).Take(50).Select(ReadField).ToList();
            if (fields is [var first, ..])
                return new FalError(status, first.Type, first.Message, fields);
        }
        return new FalError(status, type, Shorten(json.Text("detail") ?? $"fal answered {status}."), []);
    }

    private static FalFieldError ReadField(JsonElement item)
    {
        var location = item.Property("loc") is { ValueKind: JsonValueKind.Array } loc
            ? loc.EnumerateArray().Take(8).Select(part => part.Text() ?? (part.ValueKind == JsonValueKind.Number ? part.GetRawText() : "")).ToList()
            : [];
        return new FalFieldError(location, Shorten(item.Text("msg") ?? ""), Word(item.Text("type")) ?? "unknown")
        {
            Help = item.Text("url") is { Length: <= MaxText } url ? url : null,
            Categories = ReadCategories(item.Property("categories")),
            Context = item.Property("ctx") is { ValueKind: JsonValueKind.Object } context && context.GetRawText().Length <= MaxText ? context.Clone() : null,
        };
    }

    // Why a checker refused, such as "violence": words, and few.
    private static List<string>? ReadCategories(JsonElement categories)
    {
        if (categories.ValueKind != JsonValueKind.Array)
            return null;
        var words = categories.EnumerateArray().Take(MaxCategories).Select(item => Word(item.Text())).OfType<string>().ToList();
        return words.Count > 0 ? words : null;
    }

    // Types go on into headers and codes: a word, or nothing.
    private static string? Word(string? text) => text is { Length: > 0 and <= 100 } && text.All(character => char.IsAsciiLetterOrDigit(character) || character is '_' or '-' or '.') ? text : null;

    private static string Shorten(string text) => text.Length <= MaxText ? text : string.Concat(text.AsSpan(0, MaxText), "…");
}

/// <param name="Location">Path as fal gives it: <c>body</c>, then names and indexes.</param>
/// <param name="Message">fal's sentence for people.</param>
/// <param name="Type">The word to branch on.</param>
internal sealed record FalFieldError(IReadOnlyList<string> Location, string Message, string Type)
{
    /// <summary>Address of fal's page about it.</summary>
    public string? Help { get; init; }

    /// <summary>Of a policy refusal: what the input was taken for. <c>null</c> where fal gave none.</summary>
    public IReadOnlyList<string>? Categories { get; init; }

    /// <summary>The limits that were broken, such as <c>min_width</c>.</summary>
    public JsonElement? Context { get; init; }
}
