using System.Collections.Frozen;

using KlingProxy.Models;
using KlingProxy.Models.Input;

namespace KlingProxy.Tests.Models.SecondFamily;

/// <summary>
/// A family that the service does not ship, as Kling 4 is described: another name for the first frame, 3 to 30 seconds, sound always on. It has no shots, so
/// that its text is simply required, and limits of its own.
/// </summary>
internal static class Kling4
{
    public const string Id = "kling/v4/image-to-video", App = "kling/v4";

    public static InputSchema Schema { get; } = new(
        Fields:
        [
            new("start_image_url", FieldKind.Image, "The first frame.") { Required = true },
            new("prompt", FieldKind.Text, "What happens.") { Required = true, MaxLength = 1000 },
            new("duration", FieldKind.Seconds, "Seconds of video.") { Default = "5", Allowed = [.. Enumerable.Range(3, 28).Select(seconds => $"{seconds}")] },
        ],
        ShotFields: [],
        ExactlyOneOf: [],
        Shots: ShotLimits.None,
        Images: new ImageLimits(
            ["image/jpeg", "image/png"], MaxBytes: 1_000_000, MinSide: 500, MinRatio: 0.5m, MaxRatio: 2m, MaxUrlLength: 1024, RemoteUrls: true),
        Audio: AudioRule.Always,
        Hints: new Dictionary<string, string> { ["quality"] = "Kling 4 has an endpoint for each quality." }.ToFrozenDictionary());

    public static ModelFamily Family { get; } = new(
        [Id],
        Schema,
        id => new ModelFacts($"https://fal.ai/models/{id}", "1080p", "Commercial use.", ["en"], "English is spoken.", [new PromptPart("Scene", "place")]),
        new InputDocs(
            "Kling4Input",
            "The input of Kling 4.",
            [("start_image_url", "The first frame."), ("prompt", "What happens."), ("duration", "Seconds as a string.")]),
        [new("kling-4", "Kling 4", $$"""
            { "model": "{{Id}}", "input": { "start_image_url": "https://example.com/start.png", "prompt": "The gate opens." } }
            """)]);
}
