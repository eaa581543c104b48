using KlingProxy.Http.Docs;

namespace KlingProxy.Models.O3;

/// <summary>The three ways to ask, as on the model's page.</summary>
internal static class O3Examples
{
    private const string OnePrompt = """
        {
          "model": "fal-ai/kling-video/o3/4k/image-to-video",
          "input": {
            "image_url": "https://example.com/start.png",
            "prompt": "Slow push-in while petals fall. The lantern sways, its light flickers on the wet stones.",
            "duration": "5"
          }
        }
        """;

    private const string TwoFrames = """
        {
          "input": {
            "image_url": "https://example.com/start.png",
            "end_image_url": "https://example.com/end.png",
            "prompt": "The gate opens and the camera glides through it into the garden.",
            "duration": "10",
            "generate_audio": true
          },
          "max_cost": "5.00"
        }
        """;

    private const string ThreeShots = """
        {
          "input": {
            "image_url": "https://example.com/start.png",
            "multi_prompt": [
              { "prompt": "Wide shot of the gate at dusk.", "duration": "3" },
              { "prompt": "Close-up of the lantern.", "duration": "3" },
              { "prompt": "The street from above as the lights go on.", "duration": "4" }
            ],
            "shot_type": "customize"
          },
          "metadata": { "scene": "opening" }
        }
        """;

    public static readonly IReadOnlyList<ApiExample> Orders =
    [
        new("one-prompt", "One prompt", OnePrompt),
        new("start-and-end-frame", "A start and an end frame, with sound", TwoFrames),
        new("three-shots", "Three shots", ThreeShots),
    ];
}
