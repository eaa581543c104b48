using System.Buffers;
using System.Text;
using System.Text.Json;

namespace KlingProxy.Secrets;

/// <summary>JSON written again with its texts changed, names included, so that what was JSON stays it.</summary>
internal static class StruckJson
{
    /// <summary>Without the known secrets. What holds none, and that is nearly everything, comes back as it is.</summary>
    public static ReadOnlyMemory<byte> Known(ReadOnlyMemory<byte> body, Redaction redaction)
    {
        var text = Encoding.UTF8.GetString(body.Span);
        if (!redaction.Holds(text))
            return body;
        // A number that is our key in digits is no number that anybody needs.
        var struck = Rewrite(body.Span, redaction.StrikeKnown, number => redaction.Holds(number) ? "0" : number);
        return struck ?? Encoding.UTF8.GetBytes(redaction.StrikeKnown(text));
    }

    /// <returns><c>null</c> for what is no JSON.</returns>
    public static byte[]? Rewrite(ReadOnlySpan<byte> json, Func<string, string> text, Func<string, string> number)
    {
        var written = new ArrayBufferWriter<byte>(json.Length);
        using var writer = new Utf8JsonWriter(written);
        var reader = new Utf8JsonReader(json);
        try
        {
            while (reader.Read())
                Copy(ref reader, writer, text, number);
            writer.Flush();
            return written.WrittenSpan.ToArray();
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException) // the latter for half a surrogate pair
        {
            return null;
        }
    }

    private static void Copy(ref Utf8JsonReader reader, Utf8JsonWriter writer, Func<string, string> text, Func<string, string> number)
    {
        switch (reader.TokenType)
        {
            case JsonTokenType.StartObject:
                writer.WriteStartObject();
                break;
            case JsonTokenType.EndObject:
                writer.WriteEndObject();
                break;
            case JsonTokenType.StartArray:
                writer.WriteStartArray();
                break;
            case JsonTokenType.EndArray:
                writer.WriteEndArray();
                break;
            case JsonTokenType.PropertyName:
                writer.WritePropertyName(text(reader.GetString()!));
                break;
            case JsonTokenType.String:
                writer.WriteStringValue(text(reader.GetString()!));
                break;
            case JsonTokenType.Number:
                writer.WriteRawValue(number(Encoding.ASCII.GetString(reader.ValueSpan)));
                break;
            case JsonTokenType.True or JsonTokenType.False:
                writer.WriteBooleanValue(reader.GetBoolean());
                break;
            case JsonTokenType.Null:
                writer.WriteNullValue();
                break;
        }
    }
}
