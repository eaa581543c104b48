using System.Text.Json.Serialization;

namespace KlingProxy.Budget;

/// <summary>One line of the append-only ledger. Σ holds − Σ releases is what running jobs may still cost; Σ settlements is what was spent.</summary>
/// <param name="RequestId">fal's id of the job's request, where it is known by then.</param>
/// <param name="PayerId">Whose budget it counts against.</param>
/// <param name="Day">The UTC day of the job's creation, whose budget it counts against.</param>
/// <param name="Amount">USD, never negative; the kind says which way it counts.</param>
/// <param name="Estimated">fal did not say what it billed.</param>
internal sealed record LedgerEntry(string JobId, string? RequestId, string PayerId, string Model, LedgerKind Kind, decimal Amount, bool Estimated, DateOnly Day, DateTimeOffset At);

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
}
