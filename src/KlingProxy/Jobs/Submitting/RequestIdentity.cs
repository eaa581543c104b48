using KlingProxy.Ids;

namespace KlingProxy.Jobs.Submitting;

/// <summary>What makes two requests for a video one.</summary>
/// <param name="Fingerprint">SHA-256 of the canonical body.</param>
internal abstract record RequestIdentity(byte[] Fingerprint);

/// <summary>The caller says so.</summary>
/// <param name="Text">1–255 visible ASCII characters, chosen by the caller.</param>
internal sealed record IdempotencyKey(string Text, byte[] Fingerprint) : RequestIdentity(Fingerprint);

/// <summary>
/// The caller says nothing, but never had an answer to the same body: a client that lost its connection tries again just so. A caller who
/// has the answer and sends the same body wants another video.
/// </summary>
/// <param name="Heard">When the caller counts as having the answer.</param>
/// <param name="IsBeingAnswered">Whether somebody waits, or was waiting when this came, on a living connection for the answer that names this job.</param>
/// <param name="At">When it came, before its body did: what was heard later cannot have made this one another wish.</param>
internal sealed record UnacknowledgedBody(byte[] Fingerprint, Heard Heard, Func<JobId, bool> IsBeingAnswered, DateTimeOffset At) : RequestIdentity(Fingerprint)
{
    /// <summary>How long after a broken connection, or after a submit that nobody names, the same body is the same wish.</summary>
    public static readonly TimeSpan Grace = TimeSpan.FromMinutes(2);

    /// <summary>Longer than any answer is held back.</summary>
    private static readonly TimeSpan MaxAnswerTime = TimeSpan.FromMinutes(35), MaxSubmitTime = TimeSpan.FromSeconds(30);

    /// <summary>Where it waits itself, if its connection tells whether it was answered.</summary>
    public UnacknowledgedCreate? Answer { get; init; }

    /// <returns>Whether this request is a repetition of the one that made the job, which had the same body and was not heard.</returns>
    public bool IsSame(Job earlier) => !IsBeingAnswered(earlier.Id) && (Heard == Heard.WhenWritten || !MayBeTriedAnew(earlier));

    /// <summary>Until when the same body is the same wish if nothing more is heard of this request, since its process died.</summary>
    public DateTimeOffset Until(DateTimeOffset created) => created + (Heard == Heard.WhenWritten ? MaxAnswerTime : MaxSubmitTime + Grace);

    // It brought nothing and cost nothing. What was canceled is not wanted any more, and of what a person declared over fal may still tell.
    private static bool MayBeTriedAnew(Job job) => job is { Status: JobStatus.Failed or JobStatus.Expired, Cost: 0, EndIsDeclared: false };
}

/// <summary>From when on the caller of a request without a key has its answer, so that the same body is another wish. Each door knows its clients.</summary>
internal enum Heard
{
    /// <summary>When it was written to a living connection: nothing that speaks <c>/v1</c> repeats a POST by itself.</summary>
    WhenWritten,

    /// <summary>When the caller uses the name that it gave. fal's clients repeat a submit by themselves, and what was written may be lost on the way.</summary>
    WhenNamed,

    /// <summary>A little after the job has ended: the answer to a run comes with the video, and whoever repeats the run before wants that same video.</summary>
    WhenEnded,
}

/// <summary>A client that sends a request again by itself when it does not hear the answer.</summary>
/// <param name="Until">What tells that it has heard it.</param>
/// <param name="Arrived">When the first byte of this request was there. Its body, or its images, may take longer than a repetition of all of it.</param>
internal sealed record Repeats(Heard Until, DateTimeOffset Arrived);
