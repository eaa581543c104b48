using KlingProxy.Ids;

namespace KlingProxy.Jobs.Submitting;

/// <summary>
/// What makes two creates of one caller the same wish, so that they get one job. There are two ways to say it:
/// <code>
/// Idempotency-Key: abc + body B, twice          one job; abc with another body is refused
/// body B, the answer is lost, body B again      one job, while the caller may not have the answer
/// body B, the answer is received, body B again  two jobs: the caller wants another
/// </code>
/// </summary>
/// <param name="Fingerprint">SHA-256 of the canonical body.</param>
internal abstract record RequestIdentity(byte[] Fingerprint);

/// <summary>The caller says so, by the header Idempotency-Key.</summary>
/// <param name="Text">1–255 visible ASCII characters, chosen by the caller.</param>
internal sealed record IdempotencyKey(string Text, byte[] Fingerprint) : RequestIdentity(Fingerprint);

/// <summary>
/// The caller sent no key, and may not have received the answer to an earlier create with the same body: then this is its repetition, as a client makes it
/// that lost its connection.
/// </summary>
/// <param name="Heard">When the caller counts as having the answer.</param>
/// <param name="IsBeingAnswered">
/// Takes the id of a job: whether the answer that names it is being written to a living connection, or was when this request came. Then this one is another
/// wish.
/// </param>
/// <param name="At">When this request came, before its body was read. An answer that was received only later does not make it another wish.</param>
internal sealed record UnacknowledgedBody(byte[] Fingerprint, Heard Heard, Func<JobId, bool> IsBeingAnswered, DateTimeOffset At) : RequestIdentity(Fingerprint)
{
    /// <summary>How long after a broken connection, or after a submit that nobody names, the same body is the same wish.</summary>
    public static readonly TimeSpan Grace = TimeSpan.FromMinutes(2);

    /// <summary>Longer than any answer is held back.</summary>
    private static readonly TimeSpan MaxAnswerTime = TimeSpan.FromMinutes(35), MaxSubmitTime = TimeSpan.FromSeconds(30);

    /// <summary>This request's own entry among those that are being answered; none where the connection does not tell whether the answer came.</summary>
    public UnacknowledgedCreate? Answer { get; init; }

    /// <param name="earlier">Made by a create with the same body, whose answer may be lost.</param>
    /// <returns>Whether this request repeats that create, and gets its job.</returns>
    public bool IsSame(Job earlier) => !IsBeingAnswered(earlier.Id) && (Heard == Heard.WhenWritten || !MayBeTriedAnew(earlier));

    /// <summary>Until when the same body repeats this request if this process dies before it can note what became of the answer.</summary>
    public DateTimeOffset Until(DateTimeOffset created) => created + (Heard == Heard.WhenWritten ? MaxAnswerTime : MaxSubmitTime + Grace);

    // It brought no video and cost nothing, so whoever sends the body again wants another try. Not what was canceled: a late repetition must not buy it.
    // Nor what a person declared over: fal may have it all the same.
    private static bool MayBeTriedAnew(Job job) => job is { Status: JobStatus.Failed or JobStatus.Expired, Cost: 0, EndIsDeclared: false };
}

/// <summary>
/// From when on the caller of a create without a key counts as having its answer, so that the same body is another wish. Each door knows its clients.
/// </summary>
internal enum Heard
{
    /// <summary>When it was written to a living connection. Of <c>/v1</c>: its clients do not repeat a POST by themselves.</summary>
    WhenWritten,

    /// <summary>
    /// When the caller uses the request id that the answer gave. Of fal's queue: its clients repeat a submit by themselves, and a front between us may lose
    /// what was written.
    /// </summary>
    WhenNamed,

    /// <summary>A little after the job has ended. Of fal's run: its answer comes with the video, and whoever repeats it before wants that video.</summary>
    WhenEnded,
}

/// <summary>A client that sends a request again by itself when it does not hear the answer.</summary>
/// <param name="Until">What tells that it has heard it.</param>
/// <param name="Arrived">When the first byte of this request was there. Its body, or its images, may take longer than a repetition of all of it.</param>
internal sealed record Repeats(Heard Until, DateTimeOffset Arrived);
