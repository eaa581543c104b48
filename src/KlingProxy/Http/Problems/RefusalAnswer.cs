using Microsoft.AspNetCore.Http.HttpResults;

namespace KlingProxy.Http.Problems;

/// <summary>A refusal as an answer: what every door does with one. In which form it leaves, <see cref="ProblemWriter"/> decides by the door.</summary>
internal static class RefusalAnswer
{
    public static ProblemHttpResult Answer(this Refusal refusal)
    {
        var problem = refusal.Problem;
        var extensions = new Dictionary<string, object?> { ["code"] = problem.Code, [Problem.HelpField] = problem.Help };
        if (refusal.Errors.Count > 0)
            extensions["errors"] = refusal.Errors;
        if (refusal.RetryAfter is { } wait)
            extensions[Problem.RetryAfterField] = (int)Math.Ceiling(wait.TotalSeconds);
        else if (problem.Passes)
            extensions[Problem.RetryAfterField] = problem.RetryAfter;
        foreach (var (name, value) in refusal.Figures)
            extensions[name] = value;

        return TypedResults.Problem(
            refusal.Detail ?? problem.Help, statusCode: problem.Status, title: problem.Title, type: problem.Type, extensions: extensions);
    }
}
