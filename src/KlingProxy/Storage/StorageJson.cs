using System.Text.Json.Serialization;

using KlingProxy.Jobs;

namespace KlingProxy.Storage;

/// <summary>How a job's document is written. Properties may be added; one that is renamed or removed needs a migration.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(Job))]
internal sealed partial class StorageJson : JsonSerializerContext;
