using System.Text.Json.Serialization;

namespace KlingProxy.Fal.Calls;

/// <summary>What we write to fal. What fal writes to us is read leniently, property by property.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(InitiateUploadBody))]
internal sealed partial class FalJson : JsonSerializerContext;

internal sealed record InitiateUploadBody(string ContentType, string FileName);
