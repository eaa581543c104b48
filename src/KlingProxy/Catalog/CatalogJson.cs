using System.Text.Json.Serialization;

namespace KlingProxy.Catalog;

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(ModelList))]
internal sealed partial class CatalogJson : JsonSerializerContext;
