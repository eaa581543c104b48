using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace KlingProxy.Http.Wire;

internal static class WireJson
{
    /// <summary>Adds what a folder speaks. In a chain a context's own naming policy does not count, so the one of the wire is set here for all.</summary>
    public static void AddJson(this IHostApplicationBuilder builder, JsonSerializerContext context) => builder.Services.ConfigureHttpJsonOptions(json =>
    {
        json.SerializerOptions.PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower;
        json.SerializerOptions.NumberHandling = JsonNumberHandling.Strict; // a number in quotes is a string, here and in the API description
        // "unsafe" inside HTML; ours is application/json with nosniff, and URLs stay readable
        json.SerializerOptions.Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping;
        if (!json.SerializerOptions.Converters.Contains(UtcTime.Instance))
            json.SerializerOptions.Converters.Add(UtcTime.Instance);
        json.SerializerOptions.TypeInfoResolverChain.Insert(0, context);
    });
}
