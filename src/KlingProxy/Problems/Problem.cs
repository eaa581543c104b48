using Microsoft.AspNetCore.Http.HttpResults;

namespace KlingProxy.Problems;

/// <summary>A refusal with a name that never changes (RFC 9457). Each folder declares its own; one type renders them all.</summary>
/// <param name="Code">Stable and unique; the last segment of <c>type</c>, where it is served as a page.</param>
/// <param name="Status">The HTTP status.</param>
/// <param name="Title">One sentence, the same for every occurrence.</param>
/// <param name="Help">What the reader of the problem's page can do about it.</param>
internal sealed record Problem(string Code, int Status, string Title, string Help)
{
    public string Type => $"/problems/{Code}";

    /// <summary>A broken rule of this kind, as the API description shows it.</summary>
    public Violation? Typical { get; init; }

    /// <param name="detail">What happened this time. It never repeats a value that the caller sent, nor text that fal meant for us.</param>
    /// <param name="errors">The broken rules, all of them, in the order of the body.</param>
    public ProblemHttpResult Because(string? detail = null, IReadOnlyList<Violation>? errors = null)
    {
        var extensions = new Dictionary<string, object?> { ["code"] = Code };
        if (errors is { Count: > 0 })
            extensions["errors"] = errors;

        return TypedResults.Problem(detail, statusCode: Status, title: Title, type: Type, extensions: extensions);
    }
}
