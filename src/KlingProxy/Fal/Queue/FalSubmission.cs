using KlingProxy.Fal.Calls;
using KlingProxy.Ids;

namespace KlingProxy.Fal.Queue;

/// <summary>Everything that can become of a submission, a lost answer included: only the caller knows what it means for the money.</summary>
internal abstract record FalSubmission
{
    /// <summary>fal has the job.</summary>
    public sealed record Queued(FalRequestId RequestId, long? Position) : FalSubmission;

    /// <summary>fal read the request and said no; nothing was queued.</summary>
    public sealed record Rejected(FalError Error) : FalSubmission;

    /// <summary>401, or a 403 that is not about the balance: our key. Nothing was queued.</summary>
    public sealed record KeyRefused : FalSubmission;

    /// <summary>The account is locked or empty (402, or 403 naming a locked user). Nothing was queued.</summary>
    public sealed record BalanceEmpty : FalSubmission;

    /// <summary>Provably not sent, or fal said "not now" (429, 503) without giving a request id: it may be sent later.</summary>
    public sealed record NotNow(string Reason) : FalSubmission;

    /// <summary>It may exist upstream. It is never sent again.</summary>
    public sealed record Unanswered(string Reason) : FalSubmission;
}
