using KlingProxy.Fal.Calls;
using KlingProxy.Fal.Queue;
using KlingProxy.Http.Bodies;
using KlingProxy.Http.Problems;
using KlingProxy.Spending;

namespace KlingProxy.Jobs;

/// <summary>
/// Why a job ended without a video: our own reasons, and fal's. What fal says about the input (422) is meant for the caller, and comes with its message and
/// fields; of anything else only the type is told.
/// <code>
/// fal: 422, type string_too_long, loc ["body", "prompt"]   failed, model-rejected, errors[0].pointer /input/prompt
/// fal: 504, type request_timeout, of our start deadline    expired, start-timeout
/// fal: 499, type client_cancelled                          canceled, no error
/// fal: 500, type runner_server_error                       failed, upstream-failed, detail runner_server_error
/// </code>
/// </summary>
internal static class JobErrors
{
    /// <summary>fal's word for a run that a cancel call ended.</summary>
    public const string ClientCancelled = "client_cancelled";

    /// <summary>Code of the end that a person declares, who had no word of fal's about it.</summary>
    public const string Lost = "lost";

    public static readonly JobError
        Unavailable = new(JobProblems.UpstreamUnavailable.Code, JobProblems.UpstreamUnavailable.Title,
            "fal could not be reached until the start deadline. Nothing was spent.", []),
        Frozen = new(SpendingProblems.Frozen.Code, SpendingProblems.Frozen.Title, "It was not sent until its start deadline. Nothing was spent.", []),
        Late = new("start-timeout", "The job was not sent until its start deadline.", "Nothing was spent.", []),
        Resolved = new(Lost, "What became of the job could not be found out.", "The operator has closed it.", []),
        Balance = new(JobProblems.UpstreamBalance.Code, JobProblems.UpstreamBalance.Title, null, []),
        Auth = new(JobProblems.UpstreamAuth.Code, JobProblems.UpstreamAuth.Title, null, []);

    /// <summary>How a job ends whose result fal refuses to give.</summary>
    public static (JobStatus Verdict, JobError? Error) Verdict(FalError error) => error.Type switch
    {
        ClientCancelled => (JobStatus.Canceled, null),
        "request_timeout" when error.IsOfStartDeadline =>
            (JobStatus.Expired, new JobError("start-timeout", "The job waited for a runner until its start deadline.", null, [], error)),
        _ => (JobStatus.Failed, Of(error)),
    };

    public static JobError Of(FalError error) => error.Status == 422 || error.Fields.Count > 0
        ? new(JobProblems.ModelRejected.Code, JobProblems.ModelRejected.Title, error.Message, [.. error.Fields.Select(Violation)], error)
        : new("upstream-failed", "fal could not make the video.", error.Type, [], error);

    /// <summary>
    /// What fal billed for a job that failed. If fal does not say, it is nothing where the failure was fal's own (docs/fal-contract.md §6.4) or where the job
    /// was taken out of the queue before it began.
    /// </summary>
    /// <returns><c>null</c> where it cannot be known: work may have been done.</returns>
    public static FalUnits? BilledUnits(FalResult.Refused refused, Job job) => refused switch
    {
        { BillableUnits: { } units } => units,
        { Error.Status: >= 500 } => 0m,
        { Error.Type: ClientCancelled } when job.CancelAnswer == FalCancellation.Dropped => 0m,
        _ => null,
    };

    // fal's locations begin at the body that it got, which is the input of ours: ["body", "prompt"] is /input/prompt.
    private static Violation Violation(FalFieldError field)
    {
        var path = field.Location.Skip(field.Location is ["body", ..] ? 1 : 0);
        return new("/input" + string.Concat(path.Where(part => part is not ("root" or "__root__")).Select(part => $"/{JsonPointer.Escape(part)}")), field.Type,
            field.Message);
    }
}
