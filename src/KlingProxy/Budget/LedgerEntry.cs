namespace KlingProxy.Budget;

/// <summary>One line of the append-only ledger. Σ holds − Σ releases is what running jobs may still cost; Σ settlements is what was spent.</summary>
/// <param name="Amount">USD, never negative; the kind says which way it counts.</param>
/// <param name="Estimated">fal did not say what it billed.</param>
internal sealed record LedgerEntry(string JobId, string CallerId, LedgerKind Kind, decimal Amount, bool Estimated, DateTimeOffset At);

internal enum LedgerKind { Hold, Release, Settlement }
