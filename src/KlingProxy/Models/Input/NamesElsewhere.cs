using System.Collections.Frozen;

namespace KlingProxy.Models.Input;

/// <summary>
/// Names that other models, other vendors and SDKs have for what a model here has too, or that belong beside the input, and what to write instead: in the
/// words of the schema at hand, so that a new family has these hints at once.
/// </summary>
internal static class NamesElsewhere
{
    private const string Outside = "It belongs to the request around the input, not into the input.";
    private const string Follow = "Follow the job instead: it can be polled and streamed.";

    private static readonly FrozenDictionary<string, Func<InputSchema, string>> Meanings = new (Func<InputSchema, string> Meaning, string[] Names)[]
    {
        (schema => "Other Kling models call it `start_image_url`. " + FirstFrame(schema), ["start_image_url"]),
        (schema => "Other Kling models call it `image_url`. " + FirstFrame(schema), ["image_url"]),
        (FirstFrame,
            ["image", "img_url", "input_image", "input_image_url", "start_image", "start_frame", "first_frame", "first_frame_url", "first_frame_image"]),
        (LastFrame, ["end_image_url", "end_image", "end_frame", "last_frame", "last_frame_url", "last_frame_image", "tail_image_url", "image_tail"]),
        (Audio, ["generate_audio", "audio", "sound", "with_audio", "enable_audio"]),
        (schema => $"The length is `{schema.Length.Name}`, a string of seconds.", ["duration", "seconds", "length", "video_length"]),
        (Shots, ["multi_prompt", "shots", "scenes", "multi_shot"]),
        (Prompts, ["prompts"]),
        (Text, ["prompt", "text"]),
        (_ => "The input is wrapped once too often: its fields stand directly in it, without another `input`.", ["input"]),
        (_ => Outside, ["model", "max_cost", "metadata"]),
        (_ => Follow, ["webhook_url", "fal_webhook"]),
    }.SelectMany(entry => entry.Names.Select(name => (name, entry.Meaning)))
        .ToFrozenDictionary(entry => InputField.Squash(entry.name), entry => entry.Meaning, StringComparer.Ordinal);

    /// <param name="squashed">As <see cref="InputField.Squash"/> makes it.</param>
    /// <returns>One or two sentences; what the family itself has to say of a name comes first. <c>null</c> for a name that is not known.</returns>
    public static string? HintFor(string squashed, InputSchema schema) =>
        schema.Hints.TryGetValue(squashed, out var own) ? own : Meanings.TryGetValue(squashed, out var meaning) ? meaning(schema) : null;

    private static string FirstFrame(InputSchema schema) => $"Here the first frame is `{schema.Images.Fields[0]}`.";

    private static string LastFrame(InputSchema schema) =>
        schema.Images.Fields is [_, var last, ..] ? $"Here the last frame is `{last}`." : "This model takes no last frame.";

    private static string Audio(InputSchema schema) => schema.Audio switch
    {
        { Field: { } flag } => $"Sound is switched on with `{flag}`: true.",
        { IsAlwaysOn: true } => "Every video of this model has sound.",
        _ => "This model makes no sound.",
    };

    private static string Shots(InputSchema schema) =>
        schema.ShotList is { } shots ? $"Here shots are listed in `{shots.Name}`." : "This model films one shot.";

    private static string Prompts(InputSchema schema) =>
        schema is { Prompt: { } one, ShotList: { } several } ? $"One shot is told in `{one.Name}`, several in `{several.Name}`." : Text(schema);

    private static string Text(InputSchema schema) =>
        (schema.Prompt ?? schema.ShotList) is { } text ? $"The text is `{text.Name}`." : "This model takes no text.";
}
