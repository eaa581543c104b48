using KlingProxy.Access.Credentials;
using KlingProxy.Http.Bodies;

namespace KlingProxy.Jobs.Submitting;

/// <summary>A wish for a video, as a door has read it.</summary>
/// <param name="Body">As <c>POST /v1/jobs</c> takes it.</param>
/// <param name="Answer">What its caller waits for.</param>
internal sealed record VideoWish(JsonBody Body, Caller Caller, IPendingAnswer Answer)
{
    /// <summary>What makes it the same wish as another: 1 to 255 visible ASCII characters, if its caller sent some.</summary>
    public string? Key { get; init; }

    /// <summary>For a client that repeats by itself what it did not hear, and sends no key.</summary>
    public Repeats? Repeats { get; init; }

    /// <summary>How fal is to treat the job; no part of what makes two wishes the same.</summary>
    public JobTerms? Terms { get; init; }

    /// <summary>How long its caller would like to wait for the end.</summary>
    public TimeSpan Wait { get; init; }
}
