namespace KlingProxy.Access.Audit;

/// <summary>That an operator has changed something.</summary>
/// <param name="Id">Of the act; the log line that was written with it says the same.</param>
/// <param name="CreatedAt">When it was done.</param>
/// <param name="By">Who did it: the id of their key, or <c>operator</c> for the key of the settings.</param>
/// <param name="Act">What was done.</param>
/// <param name="Subject">The id of what was changed: a key, a job; or <c>spending</c>.</param>
/// <param name="Detail">What else there is to say, for people: what was, and what is.</param>
public sealed record AuditView(string Id, DateTimeOffset CreatedAt, string By, string Act, string Subject, string Detail)
{
    internal static AuditView Of(OperatorAct act) => new(act.Id, act.At, act.By, act.Act, act.Subject, act.Detail);
}

/// <summary>A page of acts, newest first.</summary>
/// <param name="Data">At most <c>limit</c> of them.</param>
/// <param name="NextCursor">Give it as <c>cursor</c> for the next page; null on the last.</param>
public sealed record AuditList(IReadOnlyList<AuditView> Data, string? NextCursor);
