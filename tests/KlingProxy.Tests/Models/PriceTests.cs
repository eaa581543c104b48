using KlingProxy.Http.Wire;

namespace KlingProxy.Tests.Models;

public sealed class PriceTests
{
    public static TheoryData<string, string> Amounts => new()
    {
        { "0", "0.00" },
        { "2.1", "2.10" },
        { "2.10", "2.10" },
        { "0.3360", "0.336" },
        { "0.112", "0.112" },
        { "0.0000001", "0.0000001" },
        { "6.3", "6.30" },
        { "1234567.5", "1234567.50" },
        { "-2.1", "-2.10" },
        { "0.1234567890123456789012345678", "0.1234567890123456789012345678" },
    };

    [Theory, MemberData(nameof(Amounts))]
    public void Writes_money_with_two_decimals_and_more_only_where_they_count(string usd, string text) =>
        Assert.Equal(text, Money.Text(decimal.Parse(usd, System.Globalization.CultureInfo.InvariantCulture)));

    [Theory]
    [InlineData(3, "1.26")]
    [InlineData(5, "2.10")]
    [InlineData(10, "4.20")]
    [InlineData(15, "6.30")]
    public void Prices_seconds_as_fal_does(int seconds, string usd) =>
        Assert.Equal(usd, Money.Text(O3.Model.PerSecond(audio: false) * seconds));

    [Fact]
    public void Prices_sound_apart()
    {
        var pro = O3.Model with { Price = 0.112m, PriceWithAudio = 0.14m };

        Assert.Equal(0.336m, pro.PerSecond(audio: false) * 3);
        Assert.Equal(0.42m, pro.PerSecond(audio: true) * 3);
    }
}
