using System.Text.Json;

using KlingProxy.Spending.Ledger;
using KlingProxy.Tests.Fixtures;

namespace KlingProxy.Tests.Crash;

/// <summary>Everything that the database says about jobs, read past the service.</summary>
/// <param name="Gaps">Where its totals are not what its ledger adds up to.</param>
/// <param name="SettledGaps">The same of what it keeps as settled.</param>
internal sealed record DatabaseSnapshot(IReadOnlyDictionary<string, BookedJob> Jobs, IReadOnlyList<TotalsGap> Gaps, IReadOnlyList<Settled> SettledGaps)
{
    private const decimal Millionths = 1_000_000;

    public static Task<DatabaseSnapshot> Open(CrashStore store) => store.Look(Open);

    private static async Task<DatabaseSnapshot> Open(StoreView store)
    {
        var events = (await store.Read("SELECT job_id, sequence FROM job_events ORDER BY job_id, sequence", row => (Job: row.GetString(0), Sequence: row.GetInt64(1)))).ToLookup(row => row.Job, row => row.Sequence);
        var ledger = (await store.Read("SELECT job_id, kind, amount FROM ledger", row => (Job: row.GetString(0), Kind: row.GetString(1), Amount: row.GetInt64(2) / Millionths))).ToLookup(row => row.Job);
        var jobs = await store.Read("SELECT id, version, document FROM jobs", row => new BookedJob(
            row.GetString(0), row.GetInt64(1), JsonElement.Parse(row.GetString(2)), [.. events[row.GetString(0)]],
            ledger[row.GetString(0)].Sum(entry => entry.Kind switch { "Hold" => entry.Amount, "Release" => -entry.Amount, _ => 0 }),
            ledger[row.GetString(0)].Sum(entry => entry.Kind is "Settlement" or "Correction" ? entry.Amount : 0)));
        return new DatabaseSnapshot(jobs.ToDictionary(job => job.Id), await store.Gaps(), await store.SettledGaps());
    }
}

/// <summary>One job with its events and its money.</summary>
/// <param name="Held">USD: what the ledger holds for it.</param>
/// <param name="Settled">USD: what the ledger settled for it.</param>
internal sealed record BookedJob(string Id, long Version, JsonElement Document, IReadOnlyList<long> Sequences, decimal Held, decimal Settled)
{
    public string Status => Document.Text("status");

    public bool HasEnded => Document.TryGetProperty("ended_at", out _);

    public bool NeedsAttention => Document.GetProperty("needs_attention").GetBoolean();

    public string? RequestId => Document.TryGetProperty("request_id", out var id) ? id.GetString() : null;

    public decimal Estimate => Document.GetProperty("estimated_cost").GetDecimal();

    public decimal? Cost => Document.TryGetProperty("cost", out var cost) ? cost.GetDecimal() : null;

    public bool CostIsEstimated => Document.GetProperty("cost_is_estimated").GetBoolean();

    public bool EventsAreGapless => Sequences.SequenceEqual(Enumerable.Range(1, (int)Version).Select(number => (long)number));

    public override string ToString() => $"{Id} ({Status})";
}
