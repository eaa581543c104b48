using KlingProxy.Fal.Calls;
using KlingProxy.Fal.Queue;
using KlingProxy.Http.Bodies;
using KlingProxy.Http.Problems;
using KlingProxy.Spending;

namespace KlingProxy.Jobs;

/// <summary>fal's words, as far as they were meant for the caller (a 422 about the input), in ours.</summary>
internal static class JobErrors
{
    /// <summary>fal's word for a run that a cancel call ended.</summary>
    public const string ClientCancelled = "client_cancelled";

    /// <summary>The end that a person declares.</summary>
    public const string Lost = "lost";

    public static readonly JobError
        Unavailable = new(JobProblems.UpstreamUnavailable.Code, JobProblems.UpstreamUnavailable.Title, "fal could not be reached until the start deadline. Nothing was spent.", []),
        Frozen = new(SpendingProblems.Frozen.Code, SpendingProblems.Frozen.Title, "It was not sent until its start deadline. Nothing was spent.", []),
        Late = new("start-timeout", "The job was not sent until its start deadline.", "Nothing was spent.", []),
        Resolved = new(Lost, "What became of the job could not be found out.", "The operator has closed it.", []),
        Balance = new(JobProblems.UpstreamBalance.Code, JobProblems.UpstreamBalance.Title, null, []),
        Auth = new(JobProblems.UpstreamAuth.Code, JobProblems.UpstreamAuth.Title, null, []);

    /// <summary>How a refused result ends a job.</summary>
    public static (JobStatus Verdict, JobError? Error) Verdict(FalError error) => error.Type switch
    {
        ClientCancelled => (JobStatus.Canceled, null),
        "request_timeout" when error.IsOfStartDeadline => (JobStatus.Expired, new JobError("start-timeout", "The job waited for a runner until its start deadline.", null, [], error)),
        _ => (JobStatus.Failed, Of(error)),
    };

    public static JobError Of(FalError error) => error.Status == 422 || error.Fields.Count > 0
        ? new(JobProblems.ModelRejected.Code, JobProblems.ModelRejected.Title, error.Message, [.. error.Fields.Select(Violation)], error)
        : new("upstream-failed", "fal could not make the video.", error.Type, [], error);

    /// <summary>Units that fal billed where it did not say: nothing for its own failures (§6.4) and for what never started; otherwise unknown.</summary>
    public static FalUnits? BilledUnits(FalResult.Refused refused, Job job) => refused switch
    {
        { BillableUnits: { } units } => units,
        { Error.Status: >= 500 } => 0m,
        { Error.Type: ClientCancelled } when job.CancelAnswer == FalCancellation.Dropped => 0m,
        _ => null,
    };

    // fal counts from its own body, which is our input.
    private static Violation Violation(FalFieldError field)
    {
        var path = field.Location.Skip(field.Location is ["body", ..] ? 1 : 0);
        return new("/input" + string.Concat(path.Where(part => part is not ("root" or "__root__")).Select(part => $"/{JsonPointer.Escape(part)}")), field.Type, field.Message);
    }
}
