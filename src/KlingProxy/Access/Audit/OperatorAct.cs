using System.Security.Cryptography;

using KlingProxy.Ids;

namespace KlingProxy.Access.Audit;

/// <summary>That an operator has changed something: who, when, what, which. Written in the transaction of the change, and never changed.</summary>
/// <param name="Id"><c>act_…</c>; the log line of the act says it, too.</param>
/// <param name="By">The operator's caller id.</param>
/// <param name="Act">One of <see cref="ActWords.All"/>.</param>
/// <param name="Subject">The id of what was changed.</param>
/// <param name="Detail">What else a reader needs; may be empty. Never a secret.</param>
internal sealed record OperatorAct(string Id, DateTimeOffset At, CallerId By, string Act, string Subject, string Detail)
{
    public static string NewId() => "act_" + RandomNumberGenerator.GetHexString(32, lowercase: true);
}
