using System.Text;

using KlingProxy.Tests.Fixtures;

namespace KlingProxy.Tests.Fal;

/// <summary>The key as somebody might say it who has it from us: whole and half, and written in every way. And the search for any of it.</summary>
internal static class Echo
{
    private static readonly string Key = ProxyFixture.CanaryKey;

    private static readonly string[] Halves = Key.Split(':');

    private static readonly string[] Written =
    [
        Key, .. Halves, Key.ToUpperInvariant(), .. Halves.Select(half => half.ToUpperInvariant()),
        Uri.EscapeDataString(Key), string.Concat(Halves[1].Select(letter => $"%{(int)letter:x2}")),
        Base64(Key), Base64(Halves[1]), Base64($"Key {Key}"), Base64($"me:{Key}"), Convert.ToHexStringLower(Encoding.UTF8.GetBytes(Halves[1])),
    ];

    // As whoever writes it does, however it is embedded: what follows depends on nothing but the key.
    private static readonly string[] Traces =
    [
        .. Written.Where(text => !text.Contains('=', StringComparison.Ordinal)), .. Written.Select(text => text.TrimEnd('=')[..^2]).Where(text => text.Length > 20),
        string.Concat(Halves[1].Take(6).Select(letter => $"\\u{(int)letter:x4}")),
    ];

    /// <summary>In a text of JSON; some of it as JSON may write letters.</summary>
    public static string Text => $"said {string.Join(" and ", Written)} and {string.Concat(Key.Select(letter => $"\\u{(int)letter:x4}"))}.";

    /// <summary>Where only such letters may stand as in a word, a path or a header.</summary>
    public static string Word => Halves[1];

    public static void AssertNone(string where, string text) => Assert.All(Traces, trace =>
    {
        var at = text.IndexOf(trace, StringComparison.OrdinalIgnoreCase);
        Assert.True(at < 0, at < 0 ? "" : $"{where} holds {trace}: …{text[Math.Max(0, at - 200)..Math.Min(text.Length, at + 200)]}…");
    });

    /// <summary>All that a caller sees of an answer.</summary>
    public static async Task<string> Whole(this Task<HttpResponseMessage> calling)
    {
        using var reply = await calling;
        return $"{(int)reply.StatusCode} {reply.ReasonPhrase}\n{reply.Headers}{reply.Content.Headers}\n{await reply.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)}";
    }

    private static string Base64(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));
}
