using System.Collections.Frozen;

using KlingProxy.Models.Input;

namespace KlingProxy.Models.O3;

/// <summary>What only this family can say of names that it does not have, but its siblings do.</summary>
internal static class O3Mistakes
{
    private const string Quality = "The resolution follows from the model.";

    public static FrozenDictionary<string, string> Hints { get; } = new Dictionary<string, string>
    {
        ["aspect_ratio"] = "`aspect_ratio` exists on text-to-video; here the video has the aspect ratio of `image_url`.",
        ["negative_prompt"] = "`negative_prompt` exists on other Kling models; here say in the prompt what to avoid.",
        ["cfg_scale"] = "`cfg_scale` exists on other Kling models; this one has nothing like it.",
        ["seed"] = "`seed` exists on other models; this one cannot be seeded.",
        ["elements"] = "`elements` exists on reference-to-video; here there are `image_url` and `end_image_url`.",
        ["image_urls"] = "`image_urls` exists on reference-to-video; here there are `image_url` and `end_image_url`.",
        ["voice_ids"] = "`voice_ids` exists on other Kling models; here sound is only on or off, with `generate_audio`.",
        ["video_url"] = "`video_url` exists on video-to-video; this model starts from `image_url`.",
        ["resolution"] = Quality,
        ["quality"] = Quality,
        ["fps"] = "The frame rate is fixed.",
    }.ToFrozenDictionary(hint => InputField.Squash(hint.Key), hint => hint.Value, StringComparer.Ordinal);
}
