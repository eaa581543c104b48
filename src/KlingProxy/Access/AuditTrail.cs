using KlingProxy.Access.Credentials;

namespace KlingProxy.Access;

/// <summary>One line, of one shape, for whatever an operator changes: who, what, which.</summary>
internal sealed partial class AuditTrail(ILogger<AuditTrail> logger)
{
    /// <param name="act">A stable word, such as <c>create-key</c>.</param>
    /// <param name="subject">The id of what was changed.</param>
    /// <param name="detail">What else a reader of the log needs; never a secret.</param>
    public void Record(Caller caller, string act, string subject, string detail = "") => LogAct(caller.Id, act, subject, detail);

    [LoggerMessage(3001, LogLevel.Information, "Operator act by {Operator}: {Act} {Subject} {Detail}")]
    private partial void LogAct(string @operator, string act, string subject, string detail);
}
