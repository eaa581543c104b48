using KlingProxy.Http.Problems;
using KlingProxy.Spending;

namespace KlingProxy.Jobs;

/// <summary>What is refused about jobs, and fal's own refusals in our words.</summary>
internal static class JobProblems
{
    public static readonly Problem
        NotFound = new("job-not-found", 404, "There is no such job.", "Somebody else's job answers exactly like a missing one. GET /v1/jobs lists yours."),
        NoVideo = new("no-video", 404, "This job has no video.", "It ended without one; its error says why."),
        NotInAttention = new("not-in-attention", 409, "The job does not wait for a decision.",
            "Only a job that is unconfirmed or listed by GET /v1/attention can be resolved, and only to a request that no other job has. What has ended can "
                + "only be acknowledged."),
        NotFailed = new("job-not-failed", 409, "The job has not failed.",
            "Only what failed or expired can be made once more: a job that runs may still bring its video, and what was canceled is not wanted any more."),
        AlreadyEnded = new("job-ended", 409, "The job has already ended.", "There is nothing left to cancel. GET the job for its result."),
        StillRunning = new("job-running", 409, "The job has not ended yet.", "Follow its events, or ask again after Retry-After."),
        Deleted = new("job-deleted", 410, "The job of this idempotency key was deleted.",
            "A key stands for one request for ever, so that a late repetition spends nothing. Use a new key for a new video."),
        MediaExpired = new("media-expired", 410, "The video is no longer there.", "fal keeps files for a limited time. Download what you want to keep."),
        RangeNotSatisfiable = new("range-not-satisfiable", 416, "The range lies outside the file.", "Content-Range says how many bytes the file has."),
        InvalidIdempotencyKey = new("invalid-idempotency-key", 400, "The idempotency key cannot be used.",
            "Send one Idempotency-Key of 1 to 255 visible ASCII characters, such as a UUID."),
        IdempotencyKeyReused = new("idempotency-key-reused", 422, "The idempotency key stands for another body.",
            "A key stands for one request for ever. Use a new key for a new request."),
        ModelRejected = new("model-rejected", 422, "fal refused the input.",
            "The detail, or errors by JSON pointer, has what fal itself found. Nothing was spent.")
        {
            Typical = new("/input/image_url", "image_too_small", "Image dimensions are too small."),
        },
        UpstreamUnavailable = new("upstream-unavailable", 503, "fal could not be reached.", "Nothing was spent. Try again later."),
        UpstreamBalance = new("upstream-balance", 503, "This service cannot pay fal at the moment.",
            "The operator has to top up the account at fal. Nothing was spent.")
        { RetryAfter = 60 },
        UpstreamAuth = new("upstream-auth", 503, "This service cannot sign in to fal at the moment.",
            "The operator has to renew the key. Nothing was spent.")
        { RetryAfter = 60 };

    public static readonly IReadOnlyList<Problem> All =
        [NotFound, NoVideo, NotInAttention, NotFailed, AlreadyEnded, StillRunning, Deleted, MediaExpired, RangeNotSatisfiable, InvalidIdempotencyKey,
        IdempotencyKeyReused, ModelRejected, UpstreamUnavailable, UpstreamBalance, UpstreamAuth];

    private static readonly Problem[] Refusals = [SpendingProblems.Frozen, ModelRejected, UpstreamUnavailable, UpstreamBalance, UpstreamAuth];

    /// <summary>What a wish is refused with while fal takes none of ours; <c>null</c> while it does.</summary>
    /// <param name="trouble">The code of what is wrong with our account, if anything is.</param>
    public static Refusal? RefusalWhile(string? trouble) => Refusals.FirstOrDefault(problem => problem.Code == trouble)?.Because();

    /// <summary>The refusal that a job's error stands for, when fal never took the job; <c>null</c> when there is something to follow.</summary>
    public static Refusal? RefusalOf(Job job) => job is { Status: JobStatus.Failed, RequestId: null, EndIsDeclared: false, Error: { } error }
        ? (Refusals.FirstOrDefault(problem => problem.Code == error.Code) ?? ModelRejected).Because(error.Detail, error.Errors)
        : null;
}
