using System.Globalization;
using System.Net;
using System.Text;

namespace KlingProxy.Bench.Reporting;

/// <summary>One picture of all goals: how far from each, on a scale of its factors, with the spread of the rounds. Right of the line is where a goal is met.</summary>
internal static class Plot
{
    private const int Left = 380, Width = 1000, RowHeight = 24, Top = 50;

    /// <summary>The scale's ends, as parts of a goal.</summary>
    private const double Least = 1.0 / 1024, Most = 32;

    public static string Svg(IReadOnlyList<Result> results)
    {
        var goals = results.SelectMany(result => result.Goals).OrderBy(goal => goal.Row).ToList();
        var height = Top + (goals.Count * RowHeight) + 20;
        var svg = new StringBuilder();
        svg.Append(CultureInfo.InvariantCulture, $"""
            <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {Width} {height}" font-family="sans-serif" font-size="12" role="img">
            <title>Every goal and how near it is, in factors of the goal</title>
            <rect width="{Width}" height="{height}" fill="#ffffff"/>

            """);
        for (var factor = Least; factor <= Most; factor *= 4)
            svg.Append(CultureInfo.InvariantCulture, $"""
                <line x1="{X(factor):0}" y1="{Top - 8}" x2="{X(factor):0}" y2="{height - 16}" stroke="#dddddd"/>
                <text x="{X(factor):0}" y="{Top - 14}" text-anchor="middle" fill="#555555">{(factor < 1 ? $"1/{1 / factor:0}" : $"{factor:0}×")}</text>

                """);
        svg.Append(CultureInfo.InvariantCulture, $"""<line x1="{X(1):0}" y1="{Top - 30}" x2="{X(1):0}" y2="{height - 16}" stroke="#222222" stroke-width="1.5"/>""");
        svg.Append(CultureInfo.InvariantCulture, $"""<text x="{X(1) + 6:0}" y="{Top - 34}" fill="#222222">the goal; better is to the right</text>{"\n"}""");
        for (var row = 0; row < goals.Count; row++)
        {
            var (goal, y, colour) = (goals[row], Top + (row * RowHeight) + 8, goals[row].IsMet ? "#1a7f37" : "#b35900");
            var reached = goal.Rounds.Select(ratio => Reached(goal, ratio)).ToList();
            svg.Append(CultureInfo.InvariantCulture, $"""
                <text x="{Left - 12}" y="{y + 4}" text-anchor="end" fill="#222222">{goal.Row} · {WebUtility.HtmlEncode(goal.What)}</text>
                <line x1="{X(reached.Min()):0.0}" y1="{y}" x2="{X(reached.Max()):0.0}" y2="{y}" stroke="{colour}" stroke-width="3" stroke-opacity="0.4"/>
                <circle cx="{X(Spread.Median(reached)):0.0}" cy="{y}" r="5" fill="{colour}"><title>{Table.Ratio(goal)}, goal {Table.Bound(goal)}</title></circle>

                """);
        }
        return svg.Append("</svg>\n").ToString();
    }

    private static double Reached(Goal goal, double ratio) => goal.AtMost ? goal.Bound / Math.Max(ratio, 1e-9) : ratio / goal.Bound;

    private static double X(double factor) =>
        Left + ((Width - Left - 20) * (Math.Log(Math.Clamp(factor, Least, Most)) - Math.Log(Least)) / (Math.Log(Most) - Math.Log(Least)));
}
