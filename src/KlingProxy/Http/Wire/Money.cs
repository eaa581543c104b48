using System.Globalization;
using System.Text.Json;

namespace KlingProxy.Http.Wire;

/// <summary>Money on the wire: USD, here <see cref="decimal"/>, in JSON a decimal string.</summary>
internal static class Money
{
    /// <summary>USD. More is a slip of the keyboard.</summary>
    private const decimal Max = 1_000_000;

    /// <summary>At least two decimals, and more only where they count: <c>2.10</c>, <c>0.336</c>.</summary>
    public static string Text(decimal usd) => usd.ToString("0.00##########################", CultureInfo.InvariantCulture);

    public static string? Text(decimal? usd) => usd is { } amount ? Text(amount) : null;

    /// <returns>False when it is none: a number, an exponent, a sign, or beyond a million.</returns>
    public static bool TryRead(JsonElement value, out decimal usd)
    {
        usd = 0;
        return value.ValueKind == JsonValueKind.String
            && decimal.TryParse(value.GetString(), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out usd) && usd <= Max;
    }
}
