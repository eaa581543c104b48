using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace KlingProxy.Http.Wire;

/// <summary>Times on the wire: RFC 3339, UTC, milliseconds, <c>Z</c>.</summary>
internal sealed class UtcTime : JsonConverter<DateTimeOffset>
{
    public static readonly UtcTime Instance = new();

    public override DateTimeOffset Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => reader.GetDateTimeOffset();

    public override void Write(Utf8JsonWriter writer, DateTimeOffset value, JsonSerializerOptions options) =>
        writer.WriteStringValue(Text(value));

    /// <summary>When today's budgets and quotas begin anew.</summary>
    public static DateTimeOffset NextDay(DateTimeOffset now) => new(now.UtcDateTime.Date.AddDays(1), TimeSpan.Zero);

    public static string Text(DateTimeOffset value) => value.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);
}
