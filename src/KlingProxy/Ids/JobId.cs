using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace KlingProxy.Ids;

/// <summary>The name of one of our jobs: <c>job_</c> and 128 random bits. It says nothing about fal's request for it.</summary>
/// <param name="Value">As a caller writes it: perhaps the name of no job at all.</param>
[JsonConverter(typeof(Json))]
internal readonly record struct JobId(string Value)
{
    public static JobId New() => new("job_" + RandomNumberGenerator.GetHexString(32, lowercase: true));

    /// <summary>From a route: whatever stands there is a name, and whether there is such a job is for <c>OwnJobs</c> to say.</summary>
    public static bool TryParse(string? text, out JobId id)
    {
        id = new(text ?? "");
        return true;
    }

    public static implicit operator string(JobId id) => id.Value;

    public override string ToString() => Value;

    /// <summary>In documents a text.</summary>
    internal sealed class Json : JsonConverter<JobId>
    {
        public override JobId Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => new(reader.GetString()!);

        public override void Write(Utf8JsonWriter writer, JobId value, JsonSerializerOptions options) => writer.WriteStringValue(value.Value);
    }
}
