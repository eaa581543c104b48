namespace KlingProxy.Http.Problems;

/// <summary>
/// A problem that has occurred: what is not done, and why. A value that knows nothing of answers; the door that was asked writes it in its own form.
/// </summary>
/// <param name="Detail">What happened this time, where there is more to say than the problem's help does. It never repeats a value that the caller sent, nor
/// text that fal meant for us.</param>
internal sealed record Refusal(Problem Problem, string? Detail = null)
{
    /// <summary>The broken rules, all of them, in the order of the body.</summary>
    public IReadOnlyList<Violation> Errors { get; init; } = [];

    /// <summary>Numbers that a program would want, texts and integers.</summary>
    public IReadOnlyList<(string Name, object? Value)> Figures { get; init; } = [];

    /// <summary>When it is worth trying again, where more is known than the kind of problem says.</summary>
    public TimeSpan? RetryAfter { get; init; }
}

internal static class Occurrence
{
    /// <summary>This problem, as it has occurred now.</summary>
    /// <param name="figures">Numbers that a program would want, texts and integers.</param>
    public static Refusal Because(
        this Problem problem, string? detail = null, IReadOnlyList<Violation>? errors = null, params IEnumerable<(string Name, object? Value)> figures) =>
        new(problem, detail) { Errors = errors ?? [], Figures = [.. figures] };
}
