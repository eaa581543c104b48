using KlingProxy.Http.Docs;

namespace KlingProxy.Orders;

/// <summary>What the API description shows of orders: the three ways to ask, as on the model's page, and what a price looks like.</summary>
internal static class OrderApiDocs
{
    public const string Model = "fal-ai/kling-video/o3/4k/image-to-video";

    public const string OnePrompt = """
        {
          "image_url": "https://example.com/start.png",
          "prompt": "Slow push-in while petals fall. The lantern sways, its light flickers on the wet stones.",
          "duration": "5"
        }
        """;

    private const string TwoFrames = """
        {
          "image_url": "https://example.com/start.png",
          "end_image_url": "https://example.com/end.png",
          "prompt": "The gate opens and the camera glides through it into the garden.",
          "duration": "10",
          "generate_audio": true
        }
        """;

    private const string ThreeShots = """
        {
          "image_url": "https://example.com/start.png",
          "multi_prompt": [
            { "prompt": "Wide shot of the gate at dusk.", "duration": "3" },
            { "prompt": "Close-up of the lantern.", "duration": "3" },
            { "prompt": "The street from above as the lights go on.", "duration": "4" }
          ],
          "shot_type": "customize"
        }
        """;

    /// <summary>Bodies of a job and of a quote.</summary>
    public static readonly object[] Bodies =
    [
        new ApiExample("one-prompt", "One prompt", $$"""{ "model": "{{Model}}", "input": {{OnePrompt}} }"""),
        new ApiExample("start-and-end-frame", "A start and an end frame, with sound", $$"""{ "input": {{TwoFrames}}, "max_cost": "5.00" }"""),
        new ApiExample("three-shots", "Three shots", $$"""{ "input": {{ThreeShots}}, "metadata": { "scene": "opening" } }"""),
    ];

    public static readonly object[] Quote =
    [
        .. Bodies,
        new ApiResponse(200, "The price, and every rule that the request breaks.", new QuoteView(Model, 5, "0.42", "2.10", "7.90", "USD", [])),
    ];
}
