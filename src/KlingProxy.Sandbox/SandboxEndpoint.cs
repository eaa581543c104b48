using KlingProxy.Sandbox.Queue;

namespace KlingProxy.Sandbox;

/// <summary>An image-to-video endpoint: what its input is called, how long its videos may be, US dollars per second. As it stands, one of O3.</summary>
public sealed record SandboxEndpoint(string Id, decimal Silent, decimal WithAudio)
{
    internal const string O3App = "fal-ai/kling-video";

    internal static readonly IReadOnlyList<SandboxEndpoint> O3 =
    [
        new($"{O3App}/o3/4k/image-to-video", 0.42m, 0.42m),
        new($"{O3App}/o3/pro/image-to-video", 0.112m, 0.14m),
        new($"{O3App}/o3/standard/image-to-video", 0.084m, 0.112m),
    ];

    /// <summary>The field of the first frame, which must be sent.</summary>
    public string Image { get; init; } = "image_url";

    /// <summary>The field of the last frame.</summary>
    public string LastImage { get; init; } = "end_image_url";

    /// <summary>The flag that asks for sound; <c>null</c> where every video has it.</summary>
    public string? Audio { get; init; } = "generate_audio";

    /// <summary>The longest video, in seconds; the shortest has three.</summary>
    public int MaxSeconds { get; init; } = 15;

    /// <summary>Owner and alias: all requests of an app share the addresses below these two segments.</summary>
    internal string App => string.Join('/', Id.Split('/').Take(2));

    internal decimal UnitPriceFor(JobInput input) => input.Audio ? WithAudio : Silent;

    internal SandboxBill BillFor(JobInput input, decimal units) => new(units, units * UnitPriceFor(input));
}
