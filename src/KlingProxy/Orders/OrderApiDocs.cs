using KlingProxy.Http.Docs;

namespace KlingProxy.Orders;

/// <summary>What the API description shows of orders: what a price looks like, and the input of a job. Bodies to send are the families'.</summary>
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

    public static readonly object[] Quote =
        [new ApiResponse(200, "The price, and every rule that the request breaks.", new QuoteView(Model, 5, "0.42", "2.10", "7.90", "USD", []))];
}
