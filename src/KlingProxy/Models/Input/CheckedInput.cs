using System.Diagnostics.CodeAnalysis;

using KlingProxy.Http.Problems;

namespace KlingProxy.Models.Input;

/// <summary>What became of an input: every rule that it breaks, or a request that may be priced and sent.</summary>
/// <param name="Violations">In the order of the body; what is missing, or wrong together, comes after what is there.</param>
/// <param name="Seconds">What would be billed at most; known as soon as duration and shots are right, so that a half-filled form has a price.</param>
internal sealed record CheckedInput(IReadOnlyList<Violation> Violations, VideoRequest? Request, int? Seconds, bool GenerateAudio)
{
    [MemberNotNullWhen(true, nameof(Request))]
    public bool IsClean => Request is not null;
}
