using System.Globalization;
using System.Text.Json;

namespace KlingProxy.Fal.Calls;

/// <summary>What fal said was wrong, kept without its <c>input</c> echoes (they may be whole data URIs).</summary>
/// <param name="Status">HTTP status; 0 where there was none (a status reply's <c>error</c>).</param>
/// <param name="Type">The first <c>type</c> of a detail list, or the <c>error_type</c>; <c>null</c> when fal gave neither: then it is not the job's own
/// answer.</param>
/// <param name="Message">A sentence.</param>
/// <param name="Fields">The entries of a detail list.</param>
internal sealed record FalError(int Status, string? Type, string Message, IReadOnlyList<FalFieldError> Fields)
{
    /// <summary>The caller's start deadline passed (<c>X-Fal-Request-Timeout-Type: user</c>), and not a limit of the run's.</summary>
    public bool IsOfStartDeadline { get; init; }

    private const int MaxFields = 50, MaxPath = 8, MaxCategories = 20;

    /// <summary>Reads the two documented shapes, <c>{"detail":[…]}</c> and <c>{"detail":"…","error_type":"…"}</c>; anything else is untyped.</summary>
    public static FalError Read(int status, ReadOnlySpan<byte> body, string? errorTypeHeader = null)
    {
        var json = JsonReading.TryParse(body);
        var detail = json.Property("detail");
        var type = FalText.Word(json.Text("error_type")) ?? FalText.Word(errorTypeHeader);

        if (detail.ValueKind == JsonValueKind.Array)
        {
            var fields = detail.EnumerateArray().Where(item => item.ValueKind == JsonValueKind.Object).Take(MaxFields).Select(ReadField).ToList();
            if (fields is [var first, ..])
                return new FalError(status, first.Type, first.Message, fields);
        }
        return new FalError(status, type, FalText.Sentence(json.Text("detail") ?? $"fal answered {status}."), []);
    }

    private static FalFieldError ReadField(JsonElement item)
    {
        var location = item.Property("loc") is { ValueKind: JsonValueKind.Array } loc ? loc.EnumerateArray().Take(MaxPath).Select(Part).ToList() : [];
        return new FalFieldError(location, FalText.Sentence(item.Text("msg") ?? ""), FalText.Word(item.Text("type")) ?? "unknown")
        {
            Help = FalText.Address(item.Text("url")) is { Length: <= FalText.MaxSentence } url ? FalText.Sentence(url) : null,
            Categories = ReadCategories(item.Property("categories")),
            Context = FalText.Figures(item.Property("ctx")),
        };
    }

    // Why a checker refused, such as "violence": words, and few.
    private static List<string>? ReadCategories(JsonElement categories)
    {
        if (categories.ValueKind != JsonValueKind.Array)
            return null;
        var words = categories.EnumerateArray().Take(MaxCategories).Select(item => FalText.Word(item.Text())).OfType<string>().ToList();
        return words.Count > 0 ? words : null;
    }

    // A name or an index.
    private static string Part(JsonElement part) => part.ValueKind == JsonValueKind.Number && part.TryGetInt32(out var index)
        ? index.ToString(CultureInfo.InvariantCulture)
        : FalText.Name(part.Text()) ?? "";
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
