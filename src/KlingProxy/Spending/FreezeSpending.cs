using KlingProxy.Access;
using KlingProxy.Access.Audit;
using KlingProxy.Access.Credentials;
using KlingProxy.Http.Bodies;
using KlingProxy.Http.Problems;
using KlingProxy.Spending.Ledger;

using Microsoft.AspNetCore.Http.HttpResults;

namespace KlingProxy.Spending;

/// <summary>Stops all new spending.</summary>
/// <param name="Reason">For people: up to 200 characters; callers do not see it.</param>
internal sealed record FreezeRequest(string? Reason = null);

/// <summary>Nothing new is spent.</summary>
/// <param name="Since">When that began.</param>
/// <param name="By">The operator who did it.</param>
/// <param name="Reason">As it was given.</param>
internal sealed record FreezeView(DateTimeOffset Since, string By, string Reason);

/// <summary>The emergency brake. What was sent goes on, is followed and settled; nothing new is recorded, and nothing recorded is sent.</summary>
internal static class FreezeSpending
{
    private const int MaxReasonLength = 200;

    /// <summary>What the act is about.</summary>
    private const string Subject = "spending";

    public static async Task<Results<Ok<FreezeView>, ProblemHttpResult>> Handle(
        HttpRequest request, Caller caller, ILedger ledger, ICredentials credentials, TimeProvider time, AuditTrail audit, CancellationToken cancel)
    {
        var (body, unreadable) = await BodyFields.Read(request, cancel, isOptional: true); // in an emergency nobody should have to write one
        if (unreadable is not null)
            return unreadable.Answer();
        var reason = body.Text("reason", MaxReasonLength) ?? "";
        if (body.AreBroken(out var refusal))
            return refusal.Answer();
        if (await credentials.End(caller.Credential, Scope.Operator, cancel) is { } ended)
            return AccessProblems.Explain(ended).Answer();

        var act = audit.Act(caller, ActWords.SpendingFrozen, Subject, reason);
        var freeze = await ledger.Freeze(new Freeze(time.GetUtcNow(), caller.Id, reason), act);
        audit.Done(act);
        return TypedResults.Ok(new FreezeView(freeze.Since, freeze.By, freeze.Reason));
    }

    public static async Task<NoContent> Lift(Caller caller, ILedger ledger, AuditTrail audit)
    {
        var act = audit.Act(caller, ActWords.SpendingResumed, Subject);
        await ledger.Unfreeze(act);
        audit.Done(act);
        return TypedResults.NoContent();
    }
}
