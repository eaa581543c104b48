using KlingProxy.Models.Input;
using KlingProxy.Models.O3;

namespace KlingProxy.Models;

/// <summary>A Kling endpoint that callers may spend money on: what it accepts and what a second of its video costs.</summary>
/// <param name="Id">fal's endpoint id.</param>
/// <param name="Price">USD per second of silent video.</param>
/// <param name="PriceWithAudio">USD per second of video with sound.</param>
/// <param name="PricedOn">The day on which the prices were fal's: they change, and fal's replies never name them.</param>
internal sealed record KlingModel(string Id, string Title, decimal Price, decimal PriceWithAudio, DateOnly PricedOn, InputSchema Schema)
{
    public ModelFacts Facts { get; } = O3ImageToVideo.Facts(Id);

    /// <summary>Owner and alias of an endpoint id; fal names requests below these two segments, whichever of their models they are for.</summary>
    public static string AppOf(string id) => string.Join('/', id.Split('/').Take(2));
}
