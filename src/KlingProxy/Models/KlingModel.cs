using KlingProxy.Models.Input;

namespace KlingProxy.Models;

/// <summary>A Kling endpoint that callers may spend money on: what it accepts and what a second of its video costs.</summary>
/// <param name="Id">fal's endpoint id.</param>
/// <param name="Price">USD per second of silent video.</param>
/// <param name="PriceWithAudio">USD per second of video with sound.</param>
/// <param name="PricedOn">The day on which the prices were fal's: they change, and fal's replies never name them.</param>
internal sealed record KlingModel(string Id, string Title, decimal Price, decimal PriceWithAudio, DateOnly PricedOn, ModelFamily Family)
{
    /// <summary>The family's, under the settings of this service.</summary>
    public InputSchema Schema { get; init; } = Family.Schema;

    public ModelFacts Facts { get; } = Family.Facts(Id);

    /// <summary>USD per second of video.</summary>
    public decimal PerSecond(bool audio) => audio ? PriceWithAudio : Price;

    /// <summary>Owner and alias of an endpoint id; fal names requests below these two segments, whichever of their models they are for.</summary>
    public static string AppOf(string id) => string.Join('/', id.Split('/').Take(2));
}
