namespace KlingProxy.Sandbox.Queue;

/// <summary>The three endpoints that share the O3 image-to-video schema, with US dollars per second.</summary>
internal sealed record KlingEndpoint(string Id, decimal Silent, decimal WithAudio)
{
    public const string App = "fal-ai/kling-video";

    public static KlingEndpoint? OfTier(string tier) => tier switch
    {
        "4k" => new($"{App}/o3/4k/image-to-video", 0.42m, 0.42m),
        "pro" => new($"{App}/o3/pro/image-to-video", 0.112m, 0.14m),
        "standard" => new($"{App}/o3/standard/image-to-video", 0.084m, 0.112m),
        _ => null,
    };

    public decimal UnitPriceFor(JobInput input) => input.Audio ? WithAudio : Silent;

    public SandboxBill BillFor(JobInput input, decimal units) => new(units, units * UnitPriceFor(input));
}
