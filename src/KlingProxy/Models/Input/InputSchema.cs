using System.Collections.Frozen;
using System.Globalization;
using System.Text.Json;

namespace KlingProxy.Models.Input;

/// <summary>The rules of an input as data, so that the check, the list of models and a form read the same ones.</summary>
/// <param name="Fields">
/// In the order in which they are sent to fal. Exactly one is <see cref="FieldKind.Seconds"/>, at least one is an image: the first of them is the first
/// frame, the second the last one.
/// </param>
/// <param name="ShotFields">The fields of one shot of a <see cref="FieldKind.Shots"/> field; none where there is no such field.</param>
/// <param name="ExactlyOneOf">Of these fields one must be sent, and only one; none where nothing is said in two ways.</param>
/// <param name="Hints">
/// What to say about names that the family does not have but people send, beyond <see cref="NamesElsewhere"/>; keys as <see cref="InputField.Squash"/>
/// makes them.
/// </param>
internal sealed record InputSchema(
    IReadOnlyList<InputField> Fields,
    IReadOnlyList<InputField> ShotFields,
    IReadOnlyList<string> ExactlyOneOf,
    ShotLimits Shots,
    ImageLimits Images,
    AudioRule Audio,
    FrozenDictionary<string, string> Hints)
{
    public ImageLimits Images { get; init; } = Images with { Fields = [.. Fields.Where(field => field.Kind == FieldKind.Image).Select(field => field.Name)] };

    /// <summary>What decides how long the video is, and so what is billed, where no shots do.</summary>
    public InputField Length => Fields.First(one => one.Kind == FieldKind.Seconds);

    /// <summary>The text of a single shot.</summary>
    public InputField? Prompt => Fields.FirstOrDefault(one => one.Kind == FieldKind.Text);

    /// <summary>Several shots.</summary>
    public InputField? ShotList => Fields.FirstOrDefault(one => one.Kind == FieldKind.Shots);

    /// <param name="flags">Those that were sent, by name.</param>
    public bool HasAudio(IReadOnlyDictionary<string, bool> flags) =>
        Audio.Field is not { } name ? Audio.IsAlwaysOn
        : flags.TryGetValue(name, out var asked) ? asked
        : Fields.First(field => field.Name == name).Default == "true";

    /// <summary>
    /// Seconds. fal's own example has shots and no duration, and nothing says which of the two it bills: the larger cannot be too little.
    /// </summary>
    /// <param name="length">As it was sent, in seconds.</param>
    /// <param name="shots">All of them together, in seconds.</param>
    public int Billed(int? length, int? shots) => Math.Max(length ?? (shots is null ? Length.DefaultSeconds : 0), shots ?? 0);
}

/// <summary>What decides whether a video has sound, and so which price applies.</summary>
/// <param name="Field">The flag that asks for it; <c>null</c> where nobody can choose.</param>
internal sealed record AudioRule(string? Field)
{
    public static readonly AudioRule Always = new(Field: null) { IsAlwaysOn = true }, Never = new(Field: null);

    public bool IsAlwaysOn { get; private init; }
}

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

    /// <summary>What is left of a name when case and separators do not count: <c>imageUrl</c>, <c>Image-URL</c> and <c>image_url</c> are one.</summary>
    public static string Squash(string name) => string.Concat(name.Where(char.IsAsciiLetterOrDigit)).ToLowerInvariant();
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
internal sealed record ShotLimits(int MinCount, int MaxCount, int MinSeconds, int MaxSeconds)
{
    /// <summary>There is one shot, and no list of them.</summary>
    public static readonly ShotLimits None = new(0, 0, 0, 0);
}

/// <param name="Types">Media types; what the bytes are counts, not what they are called.</param>
/// <param name="MaxBytes">Of the image itself, before base64.</param>
/// <param name="MinSide">In pixels, width and height alike.</param>
/// <param name="MinRatio">Width divided by height.</param>
/// <param name="MaxRatio">Width divided by height.</param>
/// <param name="RemoteUrls">Whether images may be on other people's hosts; otherwise they must be uploaded first, or sent inline.</param>
internal sealed record ImageLimits(
    IReadOnlyList<string> Types, int MaxBytes, int MinSide, decimal MinRatio, decimal MaxRatio, int MaxUrlLength, bool RemoteUrls)
{
    /// <summary>The fields in which an image is sent, the first frame's first.</summary>
    public IReadOnlyList<string> Fields { get; init; } = [];
}
