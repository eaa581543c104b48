using System.Collections.Frozen;
using System.Globalization;
using System.Text.Json;

namespace KlingProxy.Models.Input;

/// <summary>The rules of an input as data, so that the check, the list of models and a form read the same ones.</summary>
/// <param name="Fields">In the order in which they are sent to fal.</param>
/// <param name="ShotFields">The fields of one shot of a <see cref="FieldKind.Shots"/> field.</param>
/// <param name="ExactlyOneOf">Of these fields one must be sent, and only one.</param>
/// <param name="Hints">What to say about names that the model does not have but people send; keys as <see cref="FieldHints.Squash"/> makes them.</param>
internal sealed record InputSchema(
    IReadOnlyList<InputField> Fields,
    IReadOnlyList<InputField> ShotFields,
    IReadOnlyList<string> ExactlyOneOf,
    ShotLimits Shots,
    ImageLimits Images,
    FrozenDictionary<string, string> Hints);

internal sealed record InputField(string Name, FieldKind Kind, string Description)
{
    public bool Required { get; init; }

    /// <summary>What fal assumes when the field is absent, as it would be written in JSON, without quotes.</summary>
    public string? Default { get; init; }

    /// <summary>Of a <see cref="FieldKind.Seconds"/> field: what is billed when it is absent.</summary>
    public int DefaultSeconds => int.Parse(Default!, CultureInfo.InvariantCulture);

    /// <summary>Every legal value; empty when the kind sets no list.</summary>
    public IReadOnlyList<string> Allowed { get; init; } = [];

    /// <summary>In Unicode code points.</summary>
    public int? MaxLength { get; init; }

    /// <summary>Whether a value says nothing: null, and what forms and generated clients send where nothing was entered.</summary>
    public bool IsAbsent(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Null => true,
        JsonValueKind.String => Kind is FieldKind.Text or FieldKind.Image or FieldKind.Choice or FieldKind.Seconds && value.ValueEquals(""),
        JsonValueKind.Array => Kind == FieldKind.Shots && value.GetArrayLength() == 0,
        _ => false,
    };

    /// <summary>
    /// The field without which this one changes nothing, so that a form need not show it. fal takes it alone too, and generated clients send it.
    /// </summary>
    public string? OnlyWith { get; init; }
}

internal enum FieldKind
{
    Image,
    Text,
    Choice,

    /// <summary>Whole seconds as a string.</summary>
    Seconds,
    Flag,
    Shots,
}

/// <param name="MinSeconds">The least that all shots may last together.</param>
/// <param name="MaxSeconds">The most that all shots may last together.</param>
internal sealed record ShotLimits(int MinCount, int MaxCount, int MinSeconds, int MaxSeconds);

/// <param name="Types">Media types; what the bytes are counts, not what they are called.</param>
/// <param name="MaxBytes">Of the image itself, before base64.</param>
/// <param name="MinSide">In pixels, width and height alike.</param>
/// <param name="MinRatio">Width divided by height.</param>
/// <param name="MaxRatio">Width divided by height.</param>
/// <param name="RemoteUrls">Whether images may be on other people's hosts; otherwise they must be uploaded first, or sent inline.</param>
internal sealed record ImageLimits(IReadOnlyList<string> Types, int MaxBytes, int MinSide, decimal MinRatio, decimal MaxRatio, int MaxUrlLength, bool RemoteUrls);
