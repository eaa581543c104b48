using System.Text.Json;
using System.Text.RegularExpressions;

namespace KlingProxy.Fal;

/// <summary>One line that the model printed (§2.4), as far as anybody but the operator may see it.</summary>
/// <param name="Message">At most <see cref="MaxMessage"/> characters; whatever looks like a credential is struck out.</param>
/// <param name="Timestamp">As fal writes it.</param>
/// <param name="Level">One of fal's words; <c>INFO</c> where it gave none.</param>
internal sealed partial record FalLogLine(string Message, string? Timestamp, string Level)
{
    /// <summary>In UTF-16 code units.</summary>
    public const int MaxMessage = 500;

    /// <summary>Lines that are read of one reply; a model that prints more is not read to its end.</summary>
    public const int MaxLines = 1000;

    private const string Struck = "***";

    private static readonly string[] Levels = ["STDERR", "STDOUT", "ERROR", "INFO", "WARN", "DEBUG"];

    /// <param name="logs">The <c>logs</c> of a status; anything but an array is no logs.</param>
    /// <param name="key">The secret that no line may repeat.</param>
    public static IReadOnlyList<FalLogLine> Read(JsonElement logs, string key) => logs.ValueKind == JsonValueKind.Array
        ? [.. logs.EnumerateArray().Take(MaxLines).Where(line => line.Text("message") is { Length: > 0 }).Select(line => Of(line, key))]
        : [];

    private static FalLogLine Of(JsonElement line, string key) => new(
        Shorten(Strike(line.Text("message")!, key)),
        line.Text("timestamp") is { Length: <= 40 } time ? time : null,
        line.Text("level") is { } level && Levels.Contains(level) ? level : "INFO");

    // Before it is shortened: half a secret is not known as one.
    private static string Strike(string text, string key) =>
        Credential().Replace(key.Length > 0 ? text.Replace(key, Struck, StringComparison.Ordinal) : text, match => match.Groups["kept"].Value + Struck);

    private static string Shorten(string text) => text.Length <= MaxMessage ? text : string.Concat(text.AsSpan(0, MaxMessage - 1), "…");

    // Authorization values, our own keys, what signs a URL, and images in base64, which are the caller's and long.
    [GeneratedRegex(@"(?<kept>\b(?:Key|Bearer)\s+)[A-Za-z0-9._~+/:=-]{8,}|\bkp_[A-Za-z0-9_]{8,}|(?<kept>[?&](?:signature|token|sig|X-[A-Za-z-]+)=)[^&\s""']+|(?<kept>/webhooks/fal/job_[0-9a-f]+/)[0-9a-f]+|(?<kept>data:[a-z]+/[a-z0-9.+-]+;base64,)[A-Za-z0-9+/=]+", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Credential();
}
