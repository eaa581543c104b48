using KlingProxy.Http.Wire;
using KlingProxy.Ids;

namespace KlingProxy.Access.Audit;

/// <summary>What Access needs from a database to tell who has done what. Rows are written with what they are about, by its own store.</summary>
internal interface IAuditStore
{
    /// <param name="before">The last act of the page before.</param>
    /// <returns>Newest first.</returns>
    Task<IReadOnlyList<OperatorAct>> List(AuditQuery query, int limit, KeysetCursor? before, CancellationToken cancel);

    /// <param name="subject">The id of a job: of those each has few.</param>
    /// <returns>All acts about it, oldest first.</returns>
    Task<IReadOnlyList<OperatorAct>> About(string subject, CancellationToken cancel);
}

/// <summary>Which acts: of this time, and where given by this operator, or of this kind.</summary>
internal sealed record AuditQuery(TimeRange Range, CallerId? By = null, string? Act = null);
