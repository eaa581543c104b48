using System.Text.Json;
using System.Text.Json.Serialization;

namespace KlingProxy.Ids;

/// <summary>fal's name of a request, such as a UUID. Callers never see it: whoever had it could ask fal.</summary>
[JsonConverter(typeof(Json))]
internal readonly record struct FalRequestId(string Value)
{
    public static implicit operator string(FalRequestId id) => id.Value;

    public override string ToString() => Value;

    /// <summary>In documents a text.</summary>
    internal sealed class Json : JsonConverter<FalRequestId>
    {
        public override FalRequestId Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => new(reader.GetString()!);

        public override void Write(Utf8JsonWriter writer, FalRequestId value, JsonSerializerOptions options) => writer.WriteStringValue(value.Value);
    }
}
