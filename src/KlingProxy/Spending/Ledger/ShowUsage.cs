using System.Globalization;

using KlingProxy.Http.Problems;
using KlingProxy.Http.Wire;

namespace KlingProxy.Spending.Ledger;

/// <summary>What one caller's jobs of one day cost.</summary>
/// <param name="Day">The UTC day on which they were created.</param>
/// <param name="CallerId">Whose budget they count against.</param>
/// <param name="Name">Of the key, where the caller is one.</param>
/// <param name="Jobs">How many were recorded, those that cost nothing included.</param>
/// <param name="Held">USD that running ones may still cost.</param>
/// <param name="Spent">USD that ended ones have cost.</param>
/// <param name="Estimated">USD; the part of <c>spent</c> for which fal did not say what it billed.</param>
internal sealed record UsageView(
    DateOnly Day, string CallerId, string? Name, long Jobs, [property: Usd] string Held, [property: Usd] string Spent, [property: Usd] string Estimated);

/// <summary>Usage by day and caller, newest day first.</summary>
/// <param name="Data">Days and callers without jobs are left out.</param>
/// <param name="NextCursor">Always null: the list is complete.</param>
internal sealed record UsageList(IReadOnlyList<UsageView> Data, string? NextCursor);

internal static class ShowUsage
{
    private static readonly string[] Columns = ["day", "caller_id", "name", "jobs", "held", "spent", "estimated"];

    public static async Task<IResult> Handle(string? from, string? to, HttpRequest request, ILedger ledger, TimeProvider time, CancellationToken cancel)
    {
        if (DayRange.Read(from, to, time.GetUtcNow(), out var days) is { } fault)
            return UnreadableParameters.Refuse(fault).Answer();

        var rows = (await ledger.Usage(days.From, days.To, cancel)).Select(View).ToList();
        return CsvTable.IsWanted(request)
            ? new CsvTable("usage.csv", Columns, rows.Select(Row).ToAsyncEnumerable())
            : TypedResults.Ok(new UsageList(rows, null));
    }

    private static UsageView View(Usage usage) => new(
        usage.Day, usage.PayerId, usage.Name, usage.Jobs, Money.Text(usage.Committed.Held), Money.Text(usage.Committed.Spent), Money.Text(usage.Estimated));

    private static IReadOnlyList<string> Row(UsageView usage) =>
    [
        usage.Day.ToString("O", CultureInfo.InvariantCulture), usage.CallerId, usage.Name ?? "", usage.Jobs.ToString(CultureInfo.InvariantCulture),
        usage.Held, usage.Spent, usage.Estimated,
    ];
}
