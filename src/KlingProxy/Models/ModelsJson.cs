using System.Text.Json.Serialization;

namespace KlingProxy.Models;

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(ModelList))]
internal sealed partial class ModelsJson : JsonSerializerContext;
