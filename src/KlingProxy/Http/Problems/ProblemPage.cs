using System.Net;
using System.Text;

using Microsoft.AspNetCore.Http.HttpResults;

namespace KlingProxy.Http.Problems;

/// <summary>The page behind a problem's <c>type</c>: what it means and what to do.</summary>
internal static class ProblemPage
{
    public static Results<ContentHttpResult, ProblemHttpResult> Handle(string code, IEnumerable<Problem> problems) =>
        problems.FirstOrDefault(problem => problem.Code == code) is { } problem
            ? Page(problem.Title, $"<p><code>{problem.Code}</code> · HTTP {problem.Status}</p><p>{Text(problem.Help)}</p><p><a href=\"/problems\">All "
                + "problems</a></p>")
            : HttpProblems.NotFound.Because().Answer();

    public static ContentHttpResult Index(IEnumerable<Problem> problems)
    {
        var rows = problems.OrderBy(problem => problem.Status).ThenBy(problem => problem.Code, StringComparer.Ordinal)
            .Select(problem => $"<li><a href=\"{problem.Type}\"><code>{problem.Code}</code></a> · {problem.Status} · {Text(problem.Title)}</li>");
        return Page("Problems", $"<ul>{string.Concat(rows)}</ul>");
    }

    private static ContentHttpResult Page(string title, string body) => TypedResults.Content(
        $"<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\"><title>{Text(title)} · "
            + $"KlingProxy</title><h1>{Text(title)}</h1>{body}</html>",
        "text/html", Encoding.UTF8);

    private static string Text(string value) => WebUtility.HtmlEncode(value);
}
