using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

using KlingProxy.Jobs.Submitting;

namespace KlingProxy.Tests.Http.Bodies;

/// <summary>Images that stand in JSON are taken out while it is read, wherever its portions happen to end.</summary>
public sealed class DataUriSieveTests
{
    private const string Png = "data:image/png;base64,iVBORw0K";

    private static readonly byte[] PngBytes = Convert.FromBase64String("iVBORw0K");

    /// <summary>Bodies in which nothing is taken out: what the parser gets is what was sent, byte for byte.</summary>
    public static TheoryData<string> Untouched =>
    [
        """{"input":{"image_url":"https://example.com/a.png","prompt":"data: a tale"}}""",
        """{"input":{"prompt":"data:image/png;base64,iVBORw0K"}}""",
        """{"image_url":"data:image/png;base64,iVBORw0K"}""",
        """{"metadata":{"image_url":"data:image/png;base64,iVBORw0K"}}""",
        """{"input":[{"image_url":"data:image/png;base64,iVBORw0K"}]}""",
        """{"input":{"image_url":["data:image/png;base64,iVBORw0K"]}}""",
        """{"input":{"image_url":{"image_url":"data:image/png;base64,iVBORw0K"}}}""",
        """{"a":{"input":{"image_url":"data:image/png;base64,iVBORw0K"}}}""",
        """{"input":{"image_url2":"data:x","Image_url":"data:x","image_url":"dat:a"}}""",
        """{"input":{"image_url":"data"}}""",
        """{"input":{"image_url":"dat\u0061"}}""",
        """{"in\"put":{"image_url":"data:x"}}""",
        """{"input":{"a\\":"\\","image_url":"\"data:x"}}""",
        """{"input":{"image_url":null,"b":"é😀\ud83d\ude00"}} trailing""",
        """[[[[[[[[[[[[[[[[[[[[[[[[{"input":{"image_url":"data:x"}}""",
        "{}{\"x\":",
        "",
    ];

    /// <summary>The same image, however its JSON is written.</summary>
    public static TheoryData<string> Written =>
    [
        """{"input":{"image_url":"data:image/png;base64,iVBORw0K"}}""",
        """ { "model" : "x" , "input" : { "prompt":"[{\"}" , "image_url" : "data:image/png;base64,iVBORw0K" } } """,
        """{"input":{"image_url":"data:image\/png;base64,iVBORw0K"}}""",
        """{"input":{"image_url":"\u0064ata\u003aimage/png;base64\u002ciVBORw0K"}}""",
        """{"inp\u0075t":{"im\u0061ge_url":"data:image/png;base64,iVBO\u0052w0K"}}""",
        """{"x":{"y":[1,{"input":2}]},"input":{"multi_prompt":[{"image_url":"data:x"}],"image_url":"data:image/png;base64,iVBORw0K"}}""",
    ];

    public static TheoryData<string, bool> Texts => new()
    {
        // after the comma     base64
        { "iVBORw0K",           true },
        { "iVBORw==",           true },
        { "iVBORx==",           true },
        { "iVBORw0=",           true },
        { "AA==",               true },
        { "",                   false },
        { "A",                  false },
        { "AA=",                false },
        { "====",               false },
        { "AA==AAAA",           false },
        { "AA==AA==",           false },
        { "AAA=AAAAAAAA",       false },
        { "iVBORw0",            false },
        { "iVBO Rw0",           false },
        { "iVBORw0K    ",       false },
        { "iVBO-_0K",           false },
        { "iVB,Rw0K",           false },
    };

    [Theory]
    [MemberData(nameof(Untouched))]
    public void Leaves_what_is_no_image_of_the_input(string body)
    {
        foreach (var portion in Portions(body))
        {
            using var sieve = Sieved.Read(Encoding.UTF8.GetBytes(body), ["input"], portion);

            Assert.Empty(sieve.Taken);
            Assert.Equal(body, Encoding.UTF8.GetString(sieve.Document.Span));
        }
    }

    [Theory]
    [MemberData(nameof(Written))]
    public void Takes_an_image_out_however_it_is_written_and_wherever_portions_end(string body)
    {
        foreach (var portion in Portions(body))
        {
            var sieved = Sieved.Of(body, ["input"], portion);

            var image = sieved.DataUris[sieved.Content.GetProperty("input").GetProperty("image_url").GetString()!];
            Assert.Equal(("data:image/png;base64", true, true), (image.Head, image.HasComma, image.IsBase64));
            Assert.Equal(PngBytes, image.Bytes());
            Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(PngBytes)), image.Sha256);
            Assert.Equal(Reference(body), CanonicalJson.Fingerprint(sieved));
        }
    }

    [Theory]
    [MemberData(nameof(Texts))]
    public void Knows_base64_from_what_only_resembles_it(string text, bool isBase64)
    {
        var body = $$"""{"image_url":"data:image/png;base64,{{text}}"}""";
        foreach (var portion in Portions(body))
        {
            var image = Assert.Single(Sieved.Of(body, [], portion).DataUris).Value;

            Assert.Equal(isBase64, image.IsBase64);
            if (isBase64)
                Assert.Equal(Convert.FromBase64String(text), image.Bytes());
        }
    }

    /// <summary>What is not JSON, or not text, stays where the parser sees it.</summary>
    [Theory]
    [InlineData("data:image/png;base64,iV\u0001BORw0K")]
    [InlineData("data:image/png;base64,iV\nBORw0K")]
    [InlineData("data:image/png;base64,iV\\xBORw0K")]
    [InlineData("data:image/png;base64,iV\\u12")]
    public void Hides_nothing_from_the_parser(string value)
    {
        using var sieve = Sieved.Read(Encoding.UTF8.GetBytes($$"""{"image_url":"{{value}}"}"""), []);

        Assert.ThrowsAny<JsonException>(() => JsonElement.Parse(sieve.Document.Span));
    }

    [Theory]
    [InlineData("data:image/png;base64,iVBORw0Ké")]
    [InlineData("data:image/png;base64,iVBO\\nRw0K")]
    [InlineData("data:image/png;base64,iVBO\\ud83d\\ude00Rw0K")]
    public void Knows_no_image_where_a_character_could_not_be_part_of_one(string value)
    {
        var sieved = Sieved.Of($$"""{"image_url":"{{value}}"}""", []);

        Assert.DoesNotContain(sieved.Content.GetProperty("image_url").GetString()!, sieved.DataUris.Keys);
    }

    [Fact]
    public void Lets_nobody_write_what_stands_for_an_image()
    {
        var first = Sieved.Of($$"""{"image_url":"{{Png}}"}""", []);
        var text = first.Content.GetProperty("image_url").GetString()!;

        var second = Sieved.Of($$"""{"image_url":"{{text}}","prompt":"{{text}}"}""", []);

        Assert.DoesNotContain(second.Content.GetProperty("image_url").GetString()!, first.DataUris.Keys);
        Assert.False(Assert.Single(second.DataUris).Value.IsBase64);
    }

    [Theory]
    [InlineData(999, false)]
    [InlineData(1000, false)]
    [InlineData(1001, true)]
    [InlineData(100_000, true)]
    public void Keeps_no_more_of_an_image_than_it_may_have(int bytes, bool isTooLong)
    {
        var image = Assert.Single(Sieved.Of($$"""{"image_url":"data:image/png;base64,{{Convert.ToBase64String(new byte[bytes])}}"}""", [], portion: 500, maxBytes: 1000).DataUris).Value;

        Assert.Equal(isTooLong, image.IsTooLong);
        Assert.InRange(image.Bytes().Length, isTooLong ? 0 : bytes, 1000);
    }

    [Fact]
    public void Gives_a_repeated_field_no_more_files_than_any_model_has_fields()
    {
        using var sieve = Sieved.Read(Encoding.UTF8.GetBytes($"{{{string.Join(',', Enumerable.Repeat($"\"image_url\":\"{Png}\"", 10_000))}}}"), []);

        Assert.InRange(sieve.Taken.Count, 1, 8);
        Assert.Throws<JsonException>(() => JsonDocument.Parse(sieve.Document, new JsonDocumentOptions { AllowDuplicateProperties = false }));
    }

    /// <summary>The key of a request that was sent before an upgrade stands for the same request after it.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(49_150)]
    [InlineData(49_152)]
    [InlineData(49_153)]
    [InlineData(200_000)]
    public void Has_the_fingerprint_of_the_body_as_it_was_sent(int bytes)
    {
        var (first, second) = (Convert.ToBase64String(RandomNumberGenerator.GetBytes(bytes)), Convert.ToBase64String([.. Enumerable.Repeat((byte)0xFB, bytes)])); // the latter is all "+" and "/"
        var order = new JsonObject
        {
            ["model"] = "x+y",
            ["input"] = new JsonObject { ["prompt"] = "<é>", ["end_image_url"] = $"DATA:image/PNG;base64,{first}", ["image_url"] = $"data:image/png;base64,{second}" },
        };

        foreach (var encoder in new[] { JavaScriptEncoder.Default, JavaScriptEncoder.UnsafeRelaxedJsonEscaping })
        {
            var body = order.ToJsonString(new JsonSerializerOptions { Encoder = encoder });
            Assert.Equal(Reference(body), CanonicalJson.Fingerprint(Sieved.Of(body, ["input"], portion: 16 * 1024)));
        }
    }

    [Fact]
    public void Has_a_fingerprint_that_is_written_down() => Assert.Equal(
        SHA256.HashData("""{"input":{"image_url":"data:image/png;base64,\u002B/\u002B/","prompt":"a"}}"""u8),
        CanonicalJson.Fingerprint(Sieved.Of("""{ "input": { "prompt": "a", "image_url": "data:image\/png;base64,+\/+/" } }""", ["input"])));

    /// <summary>Bits that padding leaves over are part of what was sent.</summary>
    [Fact]
    public void Tells_texts_apart_that_decode_alike() => Assert.NotEqual(
        CanonicalJson.Fingerprint(Sieved.Of("""{"image_url":"data:image/png;base64,iVBORw=="}""", [])),
        CanonicalJson.Fingerprint(Sieved.Of("""{"image_url":"data:image/png;base64,iVBORx=="}""", [])));

    private static IEnumerable<int> Portions(string body) => [1, 2, 3, 5, 7, 13, body.Length + 1];

    // As fingerprints were always made: of the whole, in memory.
    private static byte[] Reference(string body) => CanonicalJson.Fingerprint(JsonElement.Parse(body));
}
