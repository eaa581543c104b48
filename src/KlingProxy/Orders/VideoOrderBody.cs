using System.Text.Json;

using KlingProxy.Http.Wire;

namespace KlingProxy.Orders;

/// <summary>Asks for a video, or for its price. A field that is null counts as absent.</summary>
/// <param name="Input">The model's own fields, as fal documents them.</param>
/// <param name="Model">A model of <c>GET /v1/models</c>; absent = the first of them.</param>
/// <param name="MaxCost">USD as a decimal string: the most that this video may cost, else 402.</param>
/// <param name="Metadata">Your own notes, up to 20 strings; they come back with the job and go nowhere else.</param>
internal sealed record VideoOrderBody(
    JsonElement Input, string? Model = null, [property: Usd] string? MaxCost = null, IReadOnlyDictionary<string, string>? Metadata = null);
