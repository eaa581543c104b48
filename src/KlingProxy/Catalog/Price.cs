using System.Globalization;

namespace KlingProxy.Catalog;

/// <summary>Money is USD in <see cref="decimal"/>, and a decimal string in JSON.</summary>
internal static class Price
{
    /// <summary>USD per second of video.</summary>
    public static decimal PerSecond(KlingModel model, bool audio) => audio ? model.PriceWithAudio : model.Price;

    /// <param name="seconds">Whole for an estimate; fal's billable units may be a fraction.</param>
    public static decimal Amount(KlingModel model, decimal seconds, bool audio) => PerSecond(model, audio) * seconds;

    /// <summary>At least two decimals, and more only where they count: <c>2.10</c>, <c>0.336</c>.</summary>
    public static string Text(decimal usd) => usd.ToString("0.00##########################", CultureInfo.InvariantCulture);
}
