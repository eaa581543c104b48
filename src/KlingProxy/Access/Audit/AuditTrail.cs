using KlingProxy.Access.Credentials;

namespace KlingProxy.Access.Audit;

/// <summary>
/// Whatever an operator changes leaves a row and a line, of one shape. The act is made first and given to the store that makes the change, which writes the
/// row with it; then the line says that it is done.
/// </summary>
internal sealed partial class AuditTrail(TimeProvider time, ILogger<AuditTrail> logger)
{
    /// <param name="act">One of <see cref="ActWords.All"/>.</param>
    /// <param name="subject">The id of what is changed.</param>
    /// <param name="detail">What else a reader needs; never a secret.</param>
    public OperatorAct Act(Caller caller, string act, string subject, string detail = "") =>
        new(OperatorAct.NewId(), time.GetUtcNow(), caller.Id, act, subject, detail);

    /// <summary>Of an act whose row is written.</summary>
    public void Done(OperatorAct act) => LogAct(act.By, act.Act, act.Subject, act.Detail.Length == 0 ? "" : $"({act.Detail})", act.Id);

    [LoggerMessage(3001, LogLevel.Information, "Operator act by {Operator}: {Act} {Subject} {Detail} {ActId}")]
    private partial void LogAct(string @operator, string act, string subject, string detail, string actId);
}
