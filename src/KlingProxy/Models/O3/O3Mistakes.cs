using System.Collections.Frozen;

using KlingProxy.Models.Input;

namespace KlingProxy.Models.O3;

/// <summary>Names that O3 image-to-video does not have, but its siblings, other vendors and SDKs do, and what to write instead.</summary>
internal static class O3Mistakes
{
    private const string FirstFrame = "Here the first frame is `image_url`.";
    private const string LastFrame = "Here the last frame is `end_image_url`.";
    private const string Shots = "Here shots are listed in `multi_prompt`.";
    private const string Audio = "Sound is switched on with `generate_audio`: true.";
    private const string Seconds = "The length is `duration`, a string of seconds.";
    private const string Outside = "It belongs to the request around the input, not into the input.";
    private const string Quality = "The resolution follows from the model.";

    public static FrozenDictionary<string, string> Hints { get; } = new Dictionary<string, string>
    {
        ["start_image_url"] = "Other Kling models call it `start_image_url`. " + FirstFrame,
        ["image"] = FirstFrame,
        ["img_url"] = FirstFrame,
        ["input_image"] = FirstFrame,
        ["input_image_url"] = FirstFrame,
        ["start_image"] = FirstFrame,
        ["start_frame"] = FirstFrame,
        ["first_frame"] = FirstFrame,
        ["first_frame_url"] = FirstFrame,
        ["first_frame_image"] = FirstFrame,
        ["end_image"] = LastFrame,
        ["end_frame"] = LastFrame,
        ["last_frame"] = LastFrame,
        ["last_frame_url"] = LastFrame,
        ["last_frame_image"] = LastFrame,
        ["tail_image_url"] = LastFrame,
        ["image_tail"] = LastFrame,
        ["aspect_ratio"] = "`aspect_ratio` exists on text-to-video; here the video has the aspect ratio of `image_url`.",
        ["negative_prompt"] = "`negative_prompt` exists on other Kling models; here say in the prompt what to avoid.",
        ["cfg_scale"] = "`cfg_scale` exists on other Kling models; this one has nothing like it.",
        ["seed"] = "`seed` exists on other models; this one cannot be seeded.",
        ["elements"] = "`elements` exists on reference-to-video; here there are `image_url` and `end_image_url`.",
        ["image_urls"] = "`image_urls` exists on reference-to-video; here there are `image_url` and `end_image_url`.",
        ["voice_ids"] = "`voice_ids` exists on other Kling models; here sound is only on or off, with `generate_audio`.",
        ["video_url"] = "`video_url` exists on video-to-video; this model starts from `image_url`.",
        ["audio"] = Audio,
        ["sound"] = Audio,
        ["with_audio"] = Audio,
        ["enable_audio"] = Audio,
        ["seconds"] = Seconds,
        ["length"] = Seconds,
        ["video_length"] = Seconds,
        ["shots"] = Shots,
        ["scenes"] = Shots,
        ["multi_shot"] = Shots,
        ["prompts"] = "One shot is told in `prompt`, several in `multi_prompt`.",
        ["text"] = "The text is `prompt`.",
        ["resolution"] = Quality,
        ["quality"] = Quality,
        ["fps"] = "The frame rate is fixed.",
        ["input"] = "The input is wrapped once too often: its fields stand directly in it, without another `input`.",
        ["model"] = Outside,
        ["max_cost"] = Outside,
        ["metadata"] = Outside,
        ["webhook_url"] = "Follow the job instead: it can be polled and streamed.",
        ["fal_webhook"] = "Follow the job instead: it can be polled and streamed.",
    }.ToFrozenDictionary(hint => FieldHints.Squash(hint.Key), hint => hint.Value, StringComparer.Ordinal);
}
