using System.Text.Json;

using KlingProxy.Http.Wire;
using KlingProxy.Models.Input;

namespace KlingProxy.Models;

/// <summary>The models that may be used; the first is the default.</summary>
/// <param name="Data">Every enabled model.</param>
/// <param name="NextCursor">Always null: the list is complete.</param>
internal sealed record ModelList(IReadOnlyList<ModelView> Data, string? NextCursor);

/// <summary>What a form needs to know about a model.</summary>
/// <param name="Id">fal's name of it.</param>
/// <param name="Title">For people.</param>
/// <param name="Default">Whether a request that names no model gets this one.</param>
/// <param name="Price">What a second of its video costs.</param>
/// <param name="Fields">The fields of the input, in order.</param>
/// <param name="ExactlyOneOf">Of these fields one must be sent, and only one.</param>
/// <param name="Shots">The rules of several shots.</param>
/// <param name="Images">What an image must be like.</param>
/// <param name="About">What fal's page says of it beyond its fields.</param>
internal sealed record ModelView(
    string Id, string Title, bool Default, PriceView Price, IReadOnlyList<FieldView> Fields, IReadOnlyList<string> ExactlyOneOf, ShotsView Shots,
    ImagesView Images,
    ModelFacts About)
{
    public static ModelView Of(KlingModel model, bool isDefault) => new(
        model.Id, model.Title, isDefault, PriceView.Of(model),
        [.. model.Schema.Fields.Select(FieldView.Of)], model.Schema.ExactlyOneOf, ShotsView.Of(model.Schema), ImagesView.Of(model.Schema.Images), model.Facts);
}

/// <summary>What a second of its video costs.</summary>
/// <param name="Currency">Always <c>USD</c>.</param>
/// <param name="PerSecond">For a second of silent video, as a decimal string.</param>
/// <param name="PerSecondWithAudio">For a second of video with sound, as a decimal string.</param>
/// <param name="PricedOn">The day on which these prices were fal's.</param>
internal sealed record PriceView(string Currency, [property: Usd] string PerSecond, [property: Usd] string PerSecondWithAudio, DateOnly PricedOn)
{
    public static PriceView Of(KlingModel model) => new("USD", Money.Text(model.Price), Money.Text(model.PriceWithAudio), model.PricedOn);
}

/// <summary>A field of the input.</summary>
/// <param name="Name">As it is written in JSON.</param>
/// <param name="Type">Its JSON type: <c>string</c>, <c>boolean</c> or <c>array</c>.</param>
/// <param name="Kind">What it is for: <c>image</c>, <c>text</c>, <c>choice</c>, <c>seconds</c>, <c>flag</c> or <c>shots</c>.</param>
/// <param name="Required">Whether it must be sent.</param>
/// <param name="Default">What is assumed when the field is absent.</param>
/// <param name="Allowed">Every legal value, where there is a list.</param>
/// <param name="MaxLength">In Unicode code points.</param>
/// <param name="OnlyWith">The field without which this one changes nothing.</param>
/// <param name="Description">For people.</param>
internal sealed record FieldView(
    string Name, string Type, string Kind, bool Required, JsonElement? Default, IReadOnlyList<string>? Allowed, int? MaxLength, string? OnlyWith,
    string Description)
{
    public static FieldView Of(InputField field)
    {
        var type = field.Kind switch { FieldKind.Flag => "boolean", FieldKind.Shots => "array", _ => "string" };
        JsonElement? standard = field.Default is not { } text ? null : JsonElement.Parse(type == "string" ? $"\"{text}\"" : text);
        return new FieldView(
            field.Name, type, field.Kind.ToString().ToLowerInvariant(), field.Required, standard,
            field.Allowed is [] ? null : field.Allowed, field.MaxLength, field.OnlyWith, field.Description);
    }
}

/// <summary>The rules of a video of several shots.</summary>
/// <param name="MinCount">The least number of shots.</param>
/// <param name="MaxCount">The most shots.</param>
/// <param name="MinSeconds">The least that all shots may last together.</param>
/// <param name="MaxSeconds">The most that all shots may last together.</param>
/// <param name="Fields">The fields of one shot.</param>
internal sealed record ShotsView(int MinCount, int MaxCount, int MinSeconds, int MaxSeconds, IReadOnlyList<FieldView> Fields)
{
    public static ShotsView Of(InputSchema schema) => new(
        schema.Shots.MinCount, schema.Shots.MaxCount, schema.Shots.MinSeconds, schema.Shots.MaxSeconds, [.. schema.ShotFields.Select(FieldView.Of)]);
}

/// <summary>What an image must be like.</summary>
/// <param name="Types">Media types; what the bytes are counts, not what they are called.</param>
/// <param name="MaxBytes">Of the image itself, before base64.</param>
/// <param name="MinSide">In pixels, width and height alike.</param>
/// <param name="MinRatio">Width divided by height, as the image is shown: turned as its EXIF data asks for.</param>
/// <param name="MaxRatio">Width divided by height, as the image is shown: turned as its EXIF data asks for.</param>
/// <param name="MaxUrlLength">In characters.</param>
/// <param name="RemoteUrls">Whether an image may be an https URL on any public host, and not only an upload or a data URI.</param>
internal sealed record ImagesView(IReadOnlyList<string> Types, int MaxBytes, int MinSide, decimal MinRatio, decimal MaxRatio, int MaxUrlLength, bool RemoteUrls)
{
    public static ImagesView Of(ImageLimits limits) =>
        new(limits.Types, limits.MaxBytes, limits.MinSide, limits.MinRatio, limits.MaxRatio, limits.MaxUrlLength, limits.RemoteUrls);
}
