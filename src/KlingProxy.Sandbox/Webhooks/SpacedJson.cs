using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;

namespace KlingProxy.Sandbox.Webhooks;

/// <summary>
/// JSON as fal's webhooks write it: keys sorted, a space after each colon and comma, ASCII only.
/// A receiver that verifies re-serialised JSON instead of the bytes it got fails on this.
/// </summary>
internal static class SpacedJson
{
    public static string Write(JsonNode? node) => node switch
    {
        null => "null",
        JsonObject members => $"{{{string.Join(", ", members.OrderBy(member => member.Key, StringComparer.Ordinal).Select(Member))}}}",
        JsonArray items => $"[{string.Join(", ", items.Select(Write))}]",
        JsonValue value when value.TryGetValue<string>(out var text) => Quote(text),
        _ => node.ToJsonString(),
    };

    private static string Member(KeyValuePair<string, JsonNode?> member) => $"{Quote(member.Key)}: {Write(member.Value)}";

    private static string Quote(string text)
    {
        var quoted = new StringBuilder("\"");
        foreach (var letter in text)
        {
            quoted.Append(letter switch
            {
                '"' => "\\\"",
                '\\' => "\\\\",
                '\n' => "\\n",
                '\r' => "\\r",
                '\t' => "\\t",
                '\b' => "\\b",
                '\f' => "\\f",
                < ' ' or > '~' => $"\\u{((int)letter).ToString("x4", CultureInfo.InvariantCulture)}",
                _ => letter.ToString(),
            });
        }

        return quoted.Append('"').ToString();
    }
}
