using System.Text.Json.Serialization;

using KlingProxy.Http.Wire;
using KlingProxy.Ids;

namespace KlingProxy.Spending.Ledger;

/// <summary>
/// One line of the append-only ledger. Σ holds − Σ releases is what running jobs may still cost; Σ settlements + Σ corrections is what was spent.
/// </summary>
/// <param name="RequestId">fal's id of the job's request, where it is known by then.</param>
/// <param name="PayerId">Whose budget it counts against.</param>
/// <param name="Day">The UTC day whose budget it counts against: on which the job was sent, or until then that of its creation.</param>
/// <param name="Amount">USD, never negative; the kind says which way it counts.</param>
/// <param name="Estimated">fal did not say, or not believably, what it billed.</param>
internal sealed record LedgerEntry(
    JobId JobId, FalRequestId? RequestId, CallerId PayerId, string Model, LedgerKind Kind, decimal Amount, bool Estimated, DateOnly Day, DateTimeOffset At)
{
    /// <summary>Within its day, which the entry tells: the ledger only grows.</summary>
    public KeysetCursor Place => new(At, JobId, Kind.ToString());
}

/// <summary>Which way an entry counts. The words are part of the API.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<LedgerKind>))]
public enum LedgerKind
{
    /// <summary>Spoken for, before fal is asked.</summary>
    [JsonStringEnumMemberName("hold")]
    Hold,

    /// <summary>No longer spoken for: there is a verdict.</summary>
    [JsonStringEnumMemberName("release")]
    Release,

    /// <summary>Spent.</summary>
    [JsonStringEnumMemberName("settlement")]
    Settlement,

    /// <summary>Spent, too: fal billed a job that had ended here for less.</summary>
    [JsonStringEnumMemberName("correction")]
    Correction,
}
