using System.Globalization;
using System.Net;
using System.Text;

namespace KlingProxy.Bench.Reporting;

/// <summary>
/// One picture of all goals: how far from each, on a scale of its factors, with the spread of the rounds and the numbers beside it. Right of the line is where
/// a goal is met. What lies beyond the scale is an arrow at its end: near the goal is where a reader has to tell one from another.
/// </summary>
internal static class Plot
{
    private const int Left = 420, Right = 800, Width = 1080, RowHeight = 22, Top = 76, Bottom = 14;

    /// <summary>The scale's end, as a part of a goal on one side and a multiple on the other.</summary>
    private const double Most = 4;

    private const string Met = "#1a7f37", NotMet = "#b35900", Ink = "#222222", Pale = "#666666";

    public static string Svg(IReadOnlyList<Result> results)
    {
        var goals = results.SelectMany(result => result.Goals).OrderBy(goal => goal.Row).ToList();
        var height = Top + (goals.Count * RowHeight) + Bottom;
        var svg = new StringBuilder();
        svg.Append(CultureInfo.InvariantCulture, $"""
            <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {Width} {height}" font-family="sans-serif" font-size="12" role="img">
            <title>Every goal and how near it is, in factors of the goal</title>
            <rect width="{Width}" height="{height}" fill="#ffffff"/>

            """);
        // Every other row of the table of goals has a ground of its own.
        var isShaded = false;
        foreach (var lines in goals.Index().GroupBy(line => line.Item.Row))
            if (isShaded = !isShaded)
                svg.Append(CultureInfo.InvariantCulture, $"""<rect y="{Top + (lines.First().Index * RowHeight)}" width="{Width}" height="{lines.Count() * RowHeight}" fill="#f4f5f7"/>{"\n"}""");
        AppendScale(svg, height);
        for (var row = 0; row < goals.Count; row++)
            AppendGoal(svg, goals[row], Top + (row * RowHeight) + (RowHeight / 2));
        return svg.Append("</svg>\n").ToString();
    }

    private static void AppendScale(StringBuilder svg, int height)
    {
        for (var factor = 1 / Most; factor <= Most; factor *= 2)
            svg.Append(CultureInfo.InvariantCulture, $"""
                <line x1="{X(factor):0}" y1="{Top - 4}" x2="{X(factor):0}" y2="{height - Bottom}" stroke="{(factor.Equals(1) ? Ink : "#d0d4d9")}" stroke-width="{(factor.Equals(1) ? 1.5 : 1)}"/>
                <text x="{X(factor):0}" y="{Top - 10}" text-anchor="middle" fill="{Pale}">{(factor < 1 ? $"1/{1 / factor:0}" : factor.Equals(1) ? "goal" : $"{factor:0}×")}</text>

                """);
        svg.Append(CultureInfo.InvariantCulture, $"""
            <text x="{X(1) - 10:0}" y="{Top - 30}" text-anchor="end" fill="{NotMet}">← not met</text>
            <text x="{X(1) + 10:0}" y="{Top - 30}" fill="{Met}">met →</text>
            <text x="{Right + 30}" y="{Top - 10}" fill="{Pale}">median (least–most), goal</text>
            <text x="12" y="20" fill="{Pale}">How many times better or worse than its goal each row is. Dot: median of the rounds, full where the goal is met. Bar: least to most. Arrow: beyond the scale.</text>

            """);
    }

    private static void AppendGoal(StringBuilder svg, Goal goal, int y)
    {
        var (colour, reached) = (goal.IsMet ? Met : NotMet, goal.Rounds.Select(ratio => Reached(goal, ratio)).ToList());
        svg.Append(CultureInfo.InvariantCulture, $"""
            <text x="{Left - 20}" y="{y + 4}" text-anchor="end" fill="{Ink}">{goal.Row} · {WebUtility.HtmlEncode(goal.What)}</text>
            <line x1="{X(reached.Min()):0.0}" y1="{y}" x2="{X(reached.Max()):0.0}" y2="{y}" stroke="{colour}" stroke-width="4" stroke-opacity="0.35"/>
            {Dot(Reached(goal, goal.Median), y, colour, goal.IsMet)}
            <text x="{Right + 30}" y="{y + 4}" fill="{Ink}">{Table.Ratio(goal)}, <tspan fill="{Pale}">{Table.Bound(goal)}</tspan></text>

            """);
    }

    private static string Dot(double median, int y, string colour, bool isFull)
    {
        var x = X(median);
        var way = median > Most ? 1 : median < 1 / Most ? -1 : 0;
        return way == 0
            ? string.Create(CultureInfo.InvariantCulture, $"""<circle cx="{x:0.0}" cy="{y}" r="5" fill="{(isFull ? colour : "#ffffff")}" stroke="{colour}" stroke-width="2"/>""")
            : string.Create(CultureInfo.InvariantCulture, $"""<path d="M{x:0.0} {y - 6} l{way * 11} 6 l{-way * 11} 6 z" fill="{colour}"/>""");
    }

    private static double Reached(Goal goal, double ratio) => goal.AtMost ? goal.Bound / Math.Max(ratio, 1e-9) : ratio / goal.Bound;

    private static double X(double factor) => Left + ((Right - Left) * (Math.Log(Math.Clamp(factor, 1 / Most, Most), Most) + 1) / 2);
}
