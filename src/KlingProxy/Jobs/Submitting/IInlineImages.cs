using System.Diagnostics.CodeAnalysis;

using KlingProxy.Access.Credentials;
using KlingProxy.Http.Bodies;

using Microsoft.AspNetCore.Http.HttpResults;

namespace KlingProxy.Jobs.Submitting;

/// <summary>What Jobs needs to take a data URI: somebody who turns it into an upload of the caller's.</summary>
internal interface IInlineImages
{
    /// <param name="image">Of an allowed type and size, in valid base64.</param>
    /// <param name="pointer">Where it stands in the body, for a refusal to point at.</param>
    Task<KeptImage> Keep(Caller caller, DataUri image, string pointer, CancellationToken cancel);
}

/// <param name="Url">Where fal reads the image from; otherwise <paramref name="Refusal"/> says why not.</param>
/// <param name="RetryAfter">When the same may be tried again, where that helps.</param>
internal sealed record KeptImage(string? Url, ProblemHttpResult? Refusal, TimeSpan? RetryAfter = null)
{
    [MemberNotNullWhen(true, nameof(Url))]
    public bool IsKept => Url is not null;
}
