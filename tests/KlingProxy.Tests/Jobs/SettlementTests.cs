using System.Globalization;

using KlingProxy.Fal.Calls;
using KlingProxy.Fal.Queue;
using KlingProxy.Jobs;
using KlingProxy.Tests.Storage.Contracts;

namespace KlingProxy.Tests.Jobs;

/// <summary>Five seconds at 0.42 USD, of which 2.10 are held.</summary>
public sealed class SettlementTests
{
    [Theory]
    // fal's word                cost        estimated  not believed
    [InlineData("5", "2.10", false)]
    [InlineData("0", "0", false)]
    [InlineData("3.333", "1.39986", false)] // not to the cent
    [InlineData("3.333333", "1.40", false)] // but to the millionth, as the ledger
    [InlineData("0.000001", "0", false)]
    [InlineData("5.008", "2.10", false)] // a frame too many, and the hold is the most
    [InlineData("5.042", "2.10", false)]
    [InlineData("5.05", "2.10", false)]
    [InlineData("5.06", "2.10", true, "5.06")]
    [InlineData("8", "2.10", true, "8")]
    [InlineData("96428.57", "2.10", true, "96428.57")]
    [InlineData("40500000", "2.10", true, "40500000")]
    [InlineData("-5", "2.10", true, "-5")]
    [InlineData("NaN", "2.10", true, "NaN")]
    [InlineData("1e3", "2.10", true, "1e3")]
    [InlineData("5, 8", "2.10", true, "unreadable")]
    [InlineData("<b>5</b>", "2.10", true, "unreadable")]
    [InlineData("", "2.10", true)]
    [InlineData(null, "2.10", true)]
    public void Is_what_fal_billed_and_never_more_than_was_held(string? word, string cost, bool estimated, string? notBelieved = null)
    {
        var settlement = Settlement.Of(JobStoreContract.NewJob(), FalUnits.Read(word));

        Assert.Equal(new Settlement(decimal.Parse(cost, CultureInfo.InvariantCulture), estimated, notBelieved), settlement);
    }

    [Theory]
    [InlineData(500, "runner_server_error", null, "0")]
    [InlineData(503, "runner_disconnected", null, "0")]
    [InlineData(504, "request_timeout", null, "0")]
    [InlineData(422, "content_policy_violation", null, null)] // may be billed, since work was done
    [InlineData(422, "content_policy_violation", "0", "0")]
    [InlineData(422, "content_policy_violation", "5", "5")]
    [InlineData(499, "client_cancelled", null, null)]
    public void Of_a_failure_is_nothing_where_it_was_fals_own(int status, string type, string? word, string? units) => Assert.Equal(
        units,
        JobErrors.BilledUnits(new FalResult.Refused(new FalError(status, type, "", []), FalUnits.Read(word)), JobStoreContract.NewJob())?.Number?.ToString(CultureInfo.InvariantCulture));
}
