using System.Text;
using System.Text.Json;

using KlingProxy.Models.Input;

using static KlingProxy.Tests.Models.O3;

namespace KlingProxy.Tests.Models;

public sealed class OddJsonTests
{
    private static readonly JsonDocumentOptions Deep = new() { MaxDepth = 200 };

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Answers_any_json_with_a_request_or_reasons(int seed)
    {
        var odd = new OddJson(seed);
        var clean = 0;
        for (var round = 0; round < 3000; round++)
        {
            var text = round % 2 == 0 ? odd.Value(0) : odd.AlmostGood();
            using var document = JsonDocument.Parse(text, Deep);

            var result = Check(Model, document.RootElement);
            AssertSound(result, text);
            clean += result.Input is null ? 0 : 1;
        }

        Assert.InRange(clean, 100, 2900); // else the documents are not odd enough, or too odd
    }

    [Fact]
    public void Answers_bytes_that_are_not_utf8()
    {
        foreach (var text in new[] { $"{{{Image},'prompt':'\u00ff'}}", $"{{{Image},'\u00ff':1}}", "{'image_url':'\u00ff','multi_prompt':[{'\u00ff':'\u00ff'}]}" })
        {
            using var document = JsonDocument.Parse(Encoding.Latin1.GetBytes(text.Replace('\'', '"')));

            Assert.NotEmpty(Check(Model, document.RootElement).Violations);
        }
    }

    private static void AssertSound(VideoRequest result, string text)
    {
        Assert.Equal(result.Violations.Count == 0, result.Input is not null);
        Assert.True(result.Violations.Count <= Findings.Limit, text);
        Assert.All(result.Violations, violation => Assert.DoesNotContain(OddJson.Mark, violation.Detail, StringComparison.Ordinal));
        if (result.Input is null)
            return;

        Assert.InRange(result.Seconds!.Value, 3, 15);
        var again = Check(Model, JsonElement.Parse(result.Input));
        Assert.Equal((result.Input, result.Seconds, result.HasAudio), (again.Input, again.Seconds, again.HasAudio));
    }

    /// <summary>Makes the same odd documents from the same seed.</summary>
    private sealed class OddJson(int seed)
    {
        /// <summary>Stands in every made-up string, and so must stand in no detail.</summary>
        public const string Mark = "qq9";

        private static readonly string[] Names =
            ["image_url", "end_image_url", "prompt", "multi_prompt", "duration", "generate_audio", "shot_type", "input", "imageUrl", "seed", "a/b~c", "", "\\ud800", "\\u0000"];

        private static readonly string[] Strings =
            ["5", "3", "15", "16", "5s", "", " ", "customize", "https://example.com/a.png", "https://", "https://[", "https://a:b@c", "data:", "data:image/png;base64,AAAA", "data:,;base64", "\\ud800", "\\udfff\\ud83d", "\\u0000", "\\\\"];

        private static readonly string[] Numbers = ["0", "-0", "5", "1e999", "-1E-999", "99999999999999999999999999", "0.1"];

        private readonly Random random = new(seed);

        public string Value(int depth) => random.Next(depth > 5 ? 5 : 8) switch
        {
            0 => "null",
            1 => "true",
            2 => "false",
            3 => Pick(Numbers),
            4 => Text(),
            5 => $"[{string.Join(',', Many(4, () => Value(depth + 1)))}]",
            6 => $"{new string('[', 60)}{new string(']', 60)}",
            _ => $"{{{string.Join(',', Many(9, () => $"{Name()}:{Value(depth + 1)}"))}}}",
        };

        /// <summary>A good input, one or two of whose fields may have been replaced.</summary>
        public string AlmostGood()
        {
            var fields = new List<string>
            {
                "\"image_url\":\"https://example.com/a.png\"",
                random.Next(2) == 0 ? "\"prompt\":\"A.\"" : $"\"multi_prompt\":[{string.Join(',', Many(4, Shot))}]",
                $"\"duration\":\"{random.Next(2, 17)}\"",
                "\"generate_audio\":true",
            };
            for (var changes = random.Next(3); changes > 0; changes--)
                fields[random.Next(fields.Count)] = $"{Name()}:{Value(3)}";
            return $"{{{string.Join(',', fields.OrderBy(_ => random.Next()))}}}";
        }

        private string Shot() => random.Next(9) == 0 ? Value(4) : $"{{\"prompt\":\"B.\",\"duration\":\"{random.Next(1, 6)}\"}}";

        private string Name() => random.Next(4) == 0 ? Text() : $"\"{Pick(Names)}\"";

        private string Text() => random.Next(3) == 0 ? $"\"{Mark}{Pick(Strings)}{random.Next()}\"" : $"\"{Pick(Strings)}\"";

        private string Pick(string[] from) => from[random.Next(from.Length)];

        private IEnumerable<string> Many(int max, Func<string> make) => Enumerable.Range(0, random.Next(max)).Select(_ => make());
    }
}
