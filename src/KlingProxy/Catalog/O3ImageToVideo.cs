namespace KlingProxy.Catalog;

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

    public static InputSchema Schema { get; } = new(
        Fields:
        [
            new("image_url", FieldKind.Image, "The first frame. The video has its aspect ratio.") { Required = true },
            new("end_image_url", FieldKind.Image, "The last frame."),
            new("prompt", FieldKind.Text, "What happens, in one shot: scene, motion, camera, sound. Chinese and English are spoken as written.") { MaxLength = PromptLength },
            new("multi_prompt", FieldKind.Shots, "What happens, shot by shot."),
            new("duration", FieldKind.Seconds, "Seconds of video. With shots, what is billed is their sum or this, whichever is more.") { Default = "5", Allowed = SecondsFrom(3) },
            new("generate_audio", FieldKind.Flag, "Whether the video has sound.") { Default = "false" },
            new("shot_type", FieldKind.Choice, "Whether shots are cut as given or planned by the model.")
            {
                Default = "customize", Allowed = ["customize", "intelligent"], OnlyWith = "multi_prompt",
            },
        ],
        ShotFields:
        [
            new("prompt", FieldKind.Text, "What happens in this shot.") { Required = true, MaxLength = PromptLength },
            // fal would assume "5"; what a shot costs is said by whoever pays for it.
            new("duration", FieldKind.Seconds, "Seconds of this shot.") { Required = true, Allowed = SecondsFrom(1) },
        ],
        ExactlyOneOf: ["prompt", "multi_prompt"],
        Shots: new ShotLimits(MinCount: 1, MaxCount: 6, MinSeconds: 3, MaxSeconds: 15),
        Images: new ImageLimits(
            ["image/jpeg", "image/png", "image/webp", "image/gif", "image/avif"],
            MaxBytes: 10_000_000, // fal says "10 MB"; of its two meanings, the one that no reading of it refuses
            MinSide: 300,
            MinRatio: 0.40m,
            MaxRatio: 2.50m,
            MaxUrlLength: 2048,
            RemoteUrls: true),
        Hints: O3Mistakes.Hints);

    private static string[] SecondsFrom(int least) => [.. Enumerable.Range(least, 15 - least + 1).Select(seconds => $"{seconds}")];
}
