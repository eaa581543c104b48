namespace KlingProxy.Models;

/// <summary>What a video costs, in USD.</summary>
internal static class Price
{
    /// <summary>USD per second of video.</summary>
    public static decimal PerSecond(KlingModel model, bool audio) => audio ? model.PriceWithAudio : model.Price;

    /// <param name="seconds">Whole for an estimate; fal's billable units may be a fraction.</param>
    public static decimal Amount(KlingModel model, decimal seconds, bool audio) => PerSecond(model, audio) * seconds;
}
