namespace KlingProxy.Jobs;

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
/// <param name="IsBeingAnswered">Whether somebody waits, or was waiting when this came, on a living connection for the answer that names this job.</param>
/// <param name="At">When it came.</param>
internal sealed record UnansweredBody(byte[] Fingerprint, Func<string, bool> IsBeingAnswered, DateTimeOffset At) : RequestIdentity(Fingerprint)
{
    /// <summary>Longer than any answer is held back: for those whose process died while answering.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(35);
}
