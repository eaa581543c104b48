using System.Diagnostics.CodeAnalysis;

using KlingProxy.Problems;

namespace KlingProxy.Catalog;

/// <summary>What became of an input: every rule that it breaks, or a request that may be priced and sent.</summary>
/// <param name="Violations">In the order of the body; what is missing, or wrong together, comes after what is there.</param>
internal sealed record CheckedInput(IReadOnlyList<Violation> Violations, VideoRequest? Request)
{
    [MemberNotNullWhen(true, nameof(Request))]
    public bool IsClean => Request is not null;
}
