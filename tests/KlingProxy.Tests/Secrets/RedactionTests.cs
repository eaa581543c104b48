using System.Text;
using System.Text.Json;

using KlingProxy.Secrets;

namespace KlingProxy.Tests.Secrets;

public class RedactionTests
{
    private const string Key = "1f0c2d3e-key-id:5e6f7a8b+secret/half";

    private readonly Redaction redaction = Knowing(Key);

    public static TheoryData<string, string> Forms => new()
    {
        { "as it is",                    Key },
        { "its first half",              "1f0c2d3e-key-id" },
        { "its second half",             "5e6f7a8b+secret/half" },
        { "in capitals",                 Key.ToUpperInvariant() },
        { "for an address",              Uri.EscapeDataString(Key) },
        { "for an address, small",       Uri.EscapeDataString(Key).ToLowerInvariant() },
        { "every letter for an address", string.Concat(Key.Select(letter => $"%{(int)letter:X2}")) },
        { "for an address, twice",       Uri.EscapeDataString(Uri.EscapeDataString(Key)) },
        { "a half for an address",       Uri.EscapeDataString("5e6f7a8b+secret/half") },
        { "for JSON",                    JsonSerializer.Serialize(Key).Trim('"') },
        { "for JSON, slashes too",       Key.Replace("/", "\\/", StringComparison.Ordinal) },
        { "every letter for JSON",       string.Concat(Key.Select(letter => $"\\u{(int)letter:x4}")) },
        { "for JSON within JSON",        string.Concat(Key.Select(letter => $"\\\\u{(int)letter:x4}")) },
        { "in base64",                   Base64(Key) },
        { "in base64, its second half",  Base64("5e6f7a8b+secret/half") },
        { "after one letter, in base64", Base64($":{Key}") },
        { "as fal's header, in base64",  Base64($"Key {Key}") },
        { "as Basic has it",             Base64($"somebody:{Key}") },
        { "in the other base64",         Base64($"Key {Key}").Replace('+', '-').Replace('/', '_') },
        { "in hex",                      Convert.ToHexStringLower(Encoding.UTF8.GetBytes(Key)) },
    };

    [Theory]
    [MemberData(nameof(Forms))]
    public void Knows_a_key_in_every_form(string form, string written)
    {
        var text = $"before {written} after";

        var struck = redaction.StrikeKnown(text);

        Assert.True(redaction.Holds(text), form);
        Assert.False(redaction.Holds(struck), struck);
        Assert.Matches(@"^before \S*\*\*\*\S{0,4} after$", struck); // of what base64 mixes with its neighbours, a letter may stay
    }

    [Theory]
    [InlineData("0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0")]
    [InlineData("0F1E2D3C-4B5A-6978-8796-A5B4C3D2E1F0")]
    [InlineData("0f1e2d3c4b5a69788796a5b4c3d2e1f0")]
    [InlineData("0F1E2D3C4B5A69788796A5B4C3D2E1F0")]
    [InlineData("MGYxZTJkM2M0YjVhNjk3ODg3OTZhNWI0YzNkMmUxZjA")] // the one without hyphens, in base64
    public void Knows_an_id_that_is_a_UUID_with_and_without_its_hyphens(string written)
    {
        foreach (var id in new[] { "0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0", "0f1e2d3c4b5a69788796a5b4c3d2e1f0" })
            Assert.Matches(@"^before \*\*\*\S? after$", Knowing($"{id}:00112233445566778899aabbccddeeff").StrikeKnown($"before {written} after"));
    }

    [Theory]
    [InlineData("5e6f7a8b")]
    [InlineData("5e6f7a8b+secret/hal")]
    [InlineData("%3A %zz \\u12 \\ %")]
    [InlineData("")]
    public void Leaves_everything_else_as_it_is(string text) => Assert.Equal((false, text), (redaction.Holds(text), redaction.Strike(text)));

    [Fact]
    public void A_tiny_half_is_no_secret_of_its_own()
    {
        var tiny = Knowing("ab:0123456789abcdef");

        Assert.Equal("about *** and ***, ab", tiny.Strike("about ab:0123456789abcdef and 0123456789ABCDEF, ab"));
    }

    [Fact]
    public void A_password_is_known_only_as_it_is_written()
    {
        var redaction = new Redaction();
        redaction.LearnExactly("postgres");

        Assert.Equal("Storage__Postgres: *** said no", redaction.Strike("Storage__Postgres: postgres said no"));
    }

    [Fact]
    public void Forgets_nothing_and_minds_no_gaps()
    {
        var redaction = new Redaction();
        foreach (var secret in new[] { null, "", "abc", "first-key-0001", "second-key-002" })
            redaction.Learn(secret);

        Assert.Equal("*** *** abc", redaction.Strike("first-key-0001 second-key-002 abc"));
    }

    [Fact]
    public void What_was_JSON_stays_it()
    {
        const string Escaped = "\\u0031f0c2d3e-key-id";
        var body = $$"""{"{{Key}}": ["{{Escaped}} x", 12, 1.50, -1e400, true, null, {"a": "b"}], "plain": "pl\u00e4n"}""";

        var struck = StruckJson.Known(Encoding.UTF8.GetBytes(body), redaction);

        Assert.Equal("""{"***":["*** x",12,1.50,-1e400,true,null,{"a":"b"}],"plain":"pl\u00E4n"}""", Encoding.UTF8.GetString(struck.Span));
    }

    [Fact]
    public void Numbers_that_are_half_a_key_spoil_no_reply()
    {
        var body = StruckJson.Known("""{"file_size": 771234567, "request_id": "77123456"}"""u8.ToArray(), Knowing("7712345:abcdefgh"));

        Assert.Equal("""{"file_size":0,"request_id":"***6"}""", Encoding.UTF8.GetString(body.Span));
    }

    [Fact]
    public void What_holds_nothing_is_not_even_copied()
    {
        ReadOnlyMemory<byte> body = Encoding.UTF8.GetBytes("""{ "video": {"url": "https://v3b.fal.media/files/b/x%20y.mp4"} }""");

        Assert.Equal(body, StruckJson.Known(body, redaction));
    }

    private static Redaction Knowing(string key)
    {
        var redaction = new Redaction();
        redaction.Learn(key);
        return redaction;
    }

    private static string Base64(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));
}
