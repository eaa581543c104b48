using System.Text.Json;
using System.Text.Json.Serialization;

namespace KlingProxy.Problems;

internal static class WireJson
{
    /// <summary>Adds what a folder speaks. In a chain a context's own naming policy does not count, so the one of the wire is set here for all.</summary>
    public static void AddJson(this IHostApplicationBuilder builder, JsonSerializerContext context) => builder.Services.ConfigureHttpJsonOptions(json =>
    {
        json.SerializerOptions.PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower;
        json.SerializerOptions.TypeInfoResolverChain.Insert(0, context);
    });
}
