using System.Text.Json;

using KlingProxy.Fal.Calls;

namespace KlingProxy.Fal.Queue;

/// <summary>One line that the model printed (docs/fal-contract.md §2.4), as far as anybody but the operator may see it.</summary>
/// <param name="Message">At most <see cref="FalText.MaxSentence"/> characters; whatever looks like a credential is struck out.</param>
/// <param name="Timestamp">As fal writes it.</param>
/// <param name="Level">One of fal's words; <c>INFO</c> where it gave none.</param>
internal sealed record FalLogLine(string Message, string? Timestamp, string Level)
{
    /// <summary>Lines that are read of one reply; a model that prints more is not read to its end.</summary>
    public const int MaxLines = 1000;

    private static readonly string[] Levels = ["STDERR", "STDOUT", "ERROR", "INFO", "WARN", "DEBUG"];

    /// <param name="logs">The <c>logs</c> of a status; anything but an array is no logs.</param>
    public static IReadOnlyList<FalLogLine> Read(JsonElement logs) => logs.ValueKind == JsonValueKind.Array
        ? [.. logs.EnumerateArray().Take(MaxLines).Where(line => line.Text("message") is { Length: > 0 }).Select(Of)]
        : [];

    private static FalLogLine Of(JsonElement line) => new(
        FalText.Sentence(line.Text("message")!),
        FalText.Instant(line.Text("timestamp")),
        line.Text("level") is { } level && Levels.Contains(level) ? level : "INFO");
}
