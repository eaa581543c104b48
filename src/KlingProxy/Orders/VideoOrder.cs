using System.Runtime.InteropServices;
using System.Text.Json;

using KlingProxy.Http.Bodies;
using KlingProxy.Http.Problems;
using KlingProxy.Http.Wire;
using KlingProxy.Models;
using KlingProxy.Models.Input;

namespace KlingProxy.Orders;

/// <summary>What somebody asks for and what it would cost: the body of a job and of a quote, read and checked.</summary>
/// <param name="Model"><c>null</c> when the one that was named is unknown.</param>
/// <param name="Request">Its input.</param>
/// <param name="Amount">USD.</param>
/// <param name="MaxCost">USD; the most that the caller agrees to.</param>
/// <param name="Metadata">The caller's own notes: up to 20 strings.</param>
/// <param name="Violations">Every broken rule, in the order of the body.</param>
internal sealed record VideoOrder(
    KlingModel? Model, VideoRequest Request, decimal? UnitPrice, decimal? Amount, decimal? MaxCost, JsonElement? Metadata, IReadOnlyList<Violation> Violations)
{
    private const int MetadataEntries = 20, MetadataNameLength = 64, MetadataTextLength = 512;

    private static readonly string[] Known = ["model", "input", "max_cost", "metadata"];

    /// <param name="ownUpload">Whether a URL is that of one of the caller's own uploads.</param>
    public static VideoOrder Read(JsonBody order, ModelCatalog catalog, Func<string, bool> ownUpload)
    {
        var body = order.Content;
        var model = ModelOf(body, catalog);
        var found = new List<Violation>();
        foreach (var property in body.EnumerateObject().Where(property => !Known.Contains(property.Name)))
            found.Add(Unknown(property.Name, model ?? catalog.Default));
        if (model is null)
            found.Add(catalog.NoSuchModel());

        var request = InputRules.Check(model ?? catalog.Default, body.Value("input"), ownUpload, inline: order.DataUris);
        found.AddRange(request.Violations);
        var maxCost = ReadMaxCost(body.Value("max_cost"), found);
        var metadata = ReadMetadata(body.Value("metadata"), found);

        var unitPrice = model?.PerSecond(request.HasAudio);
        return new VideoOrder(model, request, unitPrice, unitPrice * request.Seconds, maxCost, metadata, found);
    }

    /// <summary>The URLs that could be uploads of the caller's, to be looked up before <see cref="Read"/>.</summary>
    public static IReadOnlyList<string> ImageUrls(JsonElement body, ModelCatalog catalog)
    {
        if (body.Value("input") is not { ValueKind: JsonValueKind.Object } input)
            return [];
        var limits = (ModelOf(body, catalog) ?? catalog.Default).Schema.Images;
        return
        [
            .. limits.Fields.Select(name => input.Value(name))
                .Where(value => value.ValueKind == JsonValueKind.String && JsonMarshal.GetRawUtf8Value(value).Length <= limits.MaxUrlLength * 6)
                .Select(value => value.GetString()!)
                .Where(text => text.StartsWith("http", StringComparison.OrdinalIgnoreCase) && text.Length <= limits.MaxUrlLength && !text.Any(char.IsControl)),
        ];
    }

    private static KlingModel? ModelOf(JsonElement body, ModelCatalog catalog) => body.Value("model") switch
    {
        { ValueKind: JsonValueKind.Undefined or JsonValueKind.Null } => catalog.Default,
        { ValueKind: JsonValueKind.String } id => catalog.Find(id.GetString()),
        _ => null,
    };

    private static decimal? ReadMaxCost(JsonElement value, List<Violation> found)
    {
        if (value.ValueKind is JsonValueKind.Undefined or JsonValueKind.Null)
            return null;
        if (Money.TryRead(value, out var usd))
            return usd;
        found.Add(new("/max_cost", "money", "max_cost must be USD as a decimal string, such as \"2.10\"."));
        return null;
    }

    private static JsonElement? ReadMetadata(JsonElement value, List<Violation> found)
    {
        if (value.ValueKind is JsonValueKind.Undefined or JsonValueKind.Null)
            return null;
        if (value.ValueKind == JsonValueKind.Object && value.GetPropertyCount() <= MetadataEntries
            && value.EnumerateObject().All(entry => entry.Name.Length <= MetadataNameLength && entry.Value.ValueKind == JsonValueKind.String
                && entry.Value.GetString()!.Length <= MetadataTextLength))
            return value;
        found.Add(new("/metadata", "metadata", $"metadata must be an object of at most {MetadataEntries} strings; names up to {MetadataNameLength} "
            + $"characters, texts up to {MetadataTextLength}."));
        return null;
    }

    // The commonest mistake is to send the model's fields without their envelope.
    private static Violation Unknown(string name, KlingModel model) => new(
        $"/{JsonPointer.Escape(name)}", "unknown-field",
        model.Schema.Fields.Any(field => field.Name == name)
            ? $"{name} is a field of the model: write it inside input."
            : "There is no such field; the body has model, input, max_cost and metadata.");
}

file static class Reading
{
    public static JsonElement Value(this JsonElement body, string name) => body.TryGetProperty(name, out var value) ? value : default;
}
