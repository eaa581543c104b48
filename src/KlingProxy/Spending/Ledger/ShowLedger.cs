using System.Globalization;
using System.Runtime.CompilerServices;

using KlingProxy.Http.Problems;
using KlingProxy.Http.Wire;
using KlingProxy.Ids;

namespace KlingProxy.Spending.Ledger;

/// <summary>One line of the ledger.</summary>
/// <param name="JobId">The job it is about; it stays when the job is deleted.</param>
/// <param name="RequestId">fal's id of it, to find it on fal's bill; null while, or where, fal has none.</param>
/// <param name="CallerId">Whose budget it counts against: a key, a user, an address.</param>
/// <param name="Model">What was to be made.</param>
/// <param name="Kind"><c>hold</c> when the job is recorded; <c>release</c> and, where it cost something, <c>settlement</c> when it has ended; <c>correction</c> where fal billed it after it had ended here for less.</param>
/// <param name="Amount">USD, never negative; held money is Σ hold − Σ release, spent money Σ settlement + Σ correction.</param>
/// <param name="Estimated">fal did not say, or not believably, what it billed; the amount is the hold.</param>
/// <param name="Day">The UTC day whose budget it counts against: on which its job was sent, and until then that of its creation.</param>
/// <param name="CreatedAt">When it was written.</param>
internal sealed record LedgerEntryView(
    string JobId, string? RequestId, string CallerId, string Model, LedgerKind Kind, [property: Usd] string Amount, bool Estimated, DateOnly Day,
    DateTimeOffset CreatedAt)
{
    public static LedgerEntryView Of(LedgerEntry entry) =>
        new(entry.JobId, entry.RequestId, entry.PayerId, entry.Model, entry.Kind, Money.Text(entry.Amount), entry.Estimated, entry.Day, entry.At);
}

/// <summary>A page of the ledger: the latest day first, and within a day what was written last.</summary>
/// <param name="Data">At most <c>limit</c> of them.</param>
/// <param name="NextCursor">Give it as <c>cursor</c> for the next page; null on the last.</param>
internal sealed record LedgerList(IReadOnlyList<LedgerEntryView> Data, string? NextCursor);

internal static class ShowLedger
{
    public const int DefaultLimit = 100, MaxLimit = 1000;

    private static readonly string[] Columns = ["created_at", "day", "job_id", "request_id", "caller_id", "model", "kind", "amount", "estimated"];

    public static async Task<IResult> Handle(
        string? from, string? to, string? job, string? caller, string? limit, string? cursor, HttpRequest request, ILedger ledger, TimeProvider time,
        CancellationToken cancel)
    {
        var faults = new List<string>();
        if (DayRange.Read(from, to, time.GetUtcNow(), out var days) is { } badDays)
            faults.Add(badDays);
        var (size, before) = KeysetPage.Read(limit, cursor, (DefaultLimit, MaxLimit), KeysetCursor.Parse<LedgerKind>, faults);
        if ($"{job}{caller}".Any(char.IsControl))
            faults.Add("job and caller must be ids, without control characters.");
        if (faults.Count > 0)
            return UnreadableParameters.Refuse(faults).Answer();

        var query = new LedgerQuery(days.From, days.To, job is null ? null : new JobId(job), caller is null ? null : new CallerId(caller));
        if (CsvTable.IsWanted(request))
            return new CsvTable("ledger.csv", Columns, Rows(ledger, query, before, cancel));

        var entries = await ledger.Entries(query, size + 1, before, cancel);
        return TypedResults.Ok(new LedgerList([.. entries.Take(size).Select(LedgerEntryView.Of)], KeysetPage.Next(entries, size, entry => entry.Place)));
    }

    // All of it, whatever the limit: nobody pages through a file.
    private static async IAsyncEnumerable<IReadOnlyList<string>> Rows(
        ILedger ledger, LedgerQuery query, KeysetCursor? before, [EnumeratorCancellation] CancellationToken cancel)
    {
        while (await ledger.Entries(query, MaxLimit, before, cancel) is [.., var last] page)
        {
            foreach (var entry in page.Select(LedgerEntryView.Of))
                yield return
                [
                    UtcTime.Text(entry.CreatedAt), entry.Day.ToString("O", CultureInfo.InvariantCulture), entry.JobId, entry.RequestId ?? "", entry.CallerId,
                    entry.Model, entry.Kind.ToString().ToLowerInvariant(), entry.Amount, entry.Estimated ? "true" : "false",
                ];
            before = last.Place;
        }
    }
}
