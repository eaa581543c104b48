using System.Text.Json.Nodes;

using KlingProxy.Models.Input;

namespace KlingProxy.FalCompat;

/// <summary>
/// A broken rule of ours in fal's word for it (docs/fal-contract.md §6.1), with the limit that was broken: clients branch on <c>type</c>, and know fal's words
/// only.
/// </summary>
internal static class CompatErrorType
{
    /// <summary>What framework and model say of anything that has no word of its own.</summary>
    private const string AnyOther = "value_error";

    /// <param name="rule">The name of our rule, or fal's own word, which stays.</param>
    public static (string Type, JsonObject? Context) Of(string rule, InputSchema schema) => rule switch
    {
        "required" => ("missing", null),
        "unknown-field" => ("extra_forbidden", null),
        "not-allowed" or "unknown-model" => ("literal_error", null),
        "too-long" => ("string_too_long", null),
        "blank" => ("string_too_short", new JsonObject { ["min_length"] = 1 }),
        "too-few" => ("sequence_too_short", new JsonObject { ["min_length"] = schema.Shots.MinCount }),
        "too-many" => ("sequence_too_long", new JsonObject { ["max_length"] = schema.Shots.MaxCount }),
        "too-small" => ("image_too_small", new JsonObject { ["min_height"] = schema.Images.MinSide, ["min_width"] = schema.Images.MinSide }),
        "image-too-large" => ("file_too_large", new JsonObject { ["max_size"] = schema.Images.MaxBytes }),
        "unsupported-image" => ("unsupported_image_format", new JsonObject
        { ["supported_formats"] = new JsonArray([.. schema.Images.Types.Select(Extension)]) }),
        "unreadable-image" or "bad-image-data" => ("image_load_error", null),
        "ratio" or "money" or "metadata" or "range" or "text" or "time" => (AnyOther, null),
        _ => (rule.Contains('-', StringComparison.Ordinal) ? AnyOther : rule, null), // ours are written with hyphens, fal's without
    };

    /// <summary>Whether a refusal without a field is about the bytes of an image, of which fal would say as much.</summary>
    public static bool IsOfImage(string? problem) => problem is "image-too-large" or "unsupported-image" or "unreadable-image";

    // As fal lists them: ".jpeg" and not "image/jpeg".
    private static JsonNode Extension(string mediaType) => $".{mediaType[(mediaType.IndexOf('/', StringComparison.Ordinal) + 1)..]}";
}
