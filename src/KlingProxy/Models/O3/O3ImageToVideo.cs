using KlingProxy.Models.Input;

namespace KlingProxy.Models.O3;

/// <summary>The schema that the three O3 image-to-video endpoints share: only price and quality differ between them.</summary>
internal static class O3ImageToVideo
{
    public static readonly IReadOnlyList<string> Ids =
    [
        "fal-ai/kling-video/o3/4k/image-to-video",
        "fal-ai/kling-video/o3/pro/image-to-video",
        "fal-ai/kling-video/o3/standard/image-to-video",
    ];

    private const int PromptLength = 2500;

    private const int MinSeconds = 3, MaxSeconds = 15;

    public static InputSchema Schema { get; } = new(
        Fields:
        [
            new("image_url", FieldKind.Image, "The first frame. The video has its aspect ratio.") { Required = true },
            new("end_image_url", FieldKind.Image, "The last frame."),
            new("prompt", FieldKind.Text, "What happens, in one shot: scene, motion, camera, sound. Chinese and English are spoken as written.")
                { MaxLength = PromptLength },
            new("multi_prompt", FieldKind.Shots, "What happens, shot by shot."),
            new("duration", FieldKind.Seconds, "Seconds of video. With shots, what is billed is their sum or this, whichever is more.")
            {
                Default = "5", Allowed = SecondsFrom(MinSeconds),
            },
            new("generate_audio", FieldKind.Flag, "Whether the video has sound.") { Default = "false" },
            new("shot_type", FieldKind.Choice, "Whether shots are cut as given or planned by the model. It changes nothing beside one prompt.")
            {
                Default = "customize", Allowed = ["customize", "intelligent"], OnlyWith = "multi_prompt",
            },
        ],
        ShotFields:
        [
            new("prompt", FieldKind.Text, "What happens in this shot.") { Required = true, MaxLength = PromptLength },
            new("duration", FieldKind.Seconds, "Seconds of this shot.") { Default = "5", Allowed = SecondsFrom(1) },
        ],
        ExactlyOneOf: ["prompt", "multi_prompt"],
        Shots: new ShotLimits(MinCount: 1, MaxCount: 6, MinSeconds, MaxSeconds),
        Images: new ImageLimits(
            ["image/jpeg", "image/png", "image/webp", "image/gif", "image/avif"],
            MaxBytes: 10_485_760, // fal says "10 MB", and means MiB: its own page takes files of that size
            MinSide: 300,
            MinRatio: 0.40m,
            MaxRatio: 2.50m,
            MaxUrlLength: 2048,
            RemoteUrls: true),
        Audio: new AudioRule("generate_audio"),
        Hints: O3Mistakes.Hints);

    /// <summary>In words, under the names that generated clients have for these types.</summary>
    private static InputDocs Docs { get; } = new(
        "VideoInput",
        "The input of the Kling O3 image-to-video models. Exactly one of `prompt` and `multi_prompt`.",
        [
            ("image_url", "The first frame: an https URL, the `url` of an own upload, or a data URI."),
            ("end_image_url", "The last frame, likewise; an empty text counts as absent."),
            ("prompt", $"What happens; at most {PromptLength} characters. An empty text counts as absent."),
            ("multi_prompt", $"One to six shots of {MinSeconds} to {MaxSeconds} seconds together; an empty list counts as absent."),
            ("duration", $"Seconds as a string, `\"{MinSeconds}\"` to `\"{MaxSeconds}\"`; `\"5\"` when absent."),
            ("shot_type", "`customize` or `intelligent`; `customize` when absent. Beside `prompt` it changes nothing."),
            ("generate_audio", "Sound too; false when absent."),
        ],
        new InputDocs(
            "VideoShot",
            "One shot of several.",
            [
                ("prompt", "What happens in this shot."),
                ("duration", $"Seconds as a string, `\"1\"` to `\"{MaxSeconds}\"`; `\"5\"` when absent."),
            ]));

    /// <summary>As fal's page of the endpoint has them.</summary>
    private static ModelFacts Facts(string id) => new(
        $"https://fal.ai/models/{id}",
        id == Ids[0] ? "Native 4K" : null,
        "Commercial use. A partner model of fal's.",
        ["zh", "en"],
        "Chinese and English are spoken; other languages are translated to English. "
            + "Write English words in lower case, acronyms and proper names in upper case.",
        [
            new("Scene", "place, time of day, light, style"),
            new("Subject motion", "who or what moves, and how"),
            new("Camera", "static, slow push-in, pan left, handheld"),
            new("Details", "wind, water, fabric, reflections"),
            new("Audio", "speech in quotes, ambience, music"),
            new("Constraints", "what must stay as it is"),
        ]);

    public static ModelFamily Family { get; } = new(Ids, Schema, Facts, Docs, O3Examples.Orders);

    private static string[] SecondsFrom(int min) => [.. Enumerable.Range(min, MaxSeconds - min + 1).Select(seconds => $"{seconds}")];
}
