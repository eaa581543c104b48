using KlingProxy.Fal.Platform;
using KlingProxy.Http.Problems;
using KlingProxy.Http.Wire;
using KlingProxy.Models;

using Microsoft.AspNetCore.Http.HttpResults;

namespace KlingProxy.Spending.Ledger;

/// <summary>Our ledger beside fal's bill, for one day and one model.</summary>
/// <param name="Day">A UTC day: of the end of our jobs, and of fal's billing.</param>
/// <param name="Model">fal's endpoint.</param>
/// <param name="Settled">USD; what our ledger settled.</param>
/// <param name="Estimated">USD; the part of it for which fal named no units with the result, so that we took the hold.</param>
/// <param name="Billed">USD; what fal says it billed this account, whoever used it; null when fal is not asked.</param>
/// <param name="Drift">USD; billed less settled. Above zero, fal billed more than we know of.</param>
internal sealed record DriftView(
    DateOnly Day, string Model, [property: Usd] string Settled, [property: Usd] string Estimated, [property: Usd] string? Billed, string? Drift);

/// <summary>By day and model, newest day first.</summary>
/// <param name="Data">Days and models without money are left out.</param>
/// <param name="NextCursor">Always null: the list is complete.</param>
internal sealed record DriftList(IReadOnlyList<DriftView> Data, string? NextCursor);

internal static class ShowDrift
{
    public static async Task<Results<Ok<DriftList>, ProblemHttpResult>> Handle(
        string? from, string? to, ILedger ledger, FalPlatform platform, ModelCatalog catalog, TimeProvider time, CancellationToken cancel)
    {
        if (DayRange.Read(from, to, time.GetUtcNow(), out var days) is { } fault)
            return UnreadableParameters.Refuse(fault).Answer();

        var settled = await ledger.Settled(days.From, days.To, cancel);
        if (!platform.TellsBills)
            return TypedResults.Ok(new DriftList([.. settled.Select(row => View(row, null))], null));

        var models = catalog.Enabled.Select(model => model.Id).Union(settled.Select(row => row.Model)).Where(model => model.Length > 0).ToList();
        if (await platform.Bills(models, days.From, days.To, cancel) is not { } bills)
            return SpendingProblems.BillUnavailable.Because().Answer();
        return TypedResults.Ok(new DriftList([.. Together(settled, bills)], null));
    }

    private static IEnumerable<DriftView> Together(IReadOnlyList<Settled> settled, IReadOnlyList<FalBill> bills) =>
        from place in settled.Select(row => (row.Day, row.Model)).Union(bills.Select(bill => (bill.Day, bill.Model)))
        orderby place.Day descending, place.Model
        select View(
            settled.FirstOrDefault(row => (row.Day, row.Model) == place) ?? new Settled(place.Day, place.Model, 0, 0),
            bills.FirstOrDefault(bill => (bill.Day, bill.Model) == place)?.Amount ?? 0);

    private static DriftView View(Settled row, decimal? billed) => new(
        row.Day, row.Model, Money.Text(row.Amount), Money.Text(row.Estimated),
        Money.Text(billed), Money.Text(billed - row.Amount));
}
