using System.Globalization;
using System.Text;

namespace KlingProxy.Bench.Reporting;

/// <summary>Results as a terminal shows them: median, and least and most of all rounds.</summary>
internal static class Table
{
    public static string Text(Result result)
    {
        var text = new StringBuilder();
        foreach (var figures in result.Figures.GroupBy(figure => figure.What))
        {
            text.Append(CultureInfo.InvariantCulture, $"  {figures.Key}\n");
            foreach (var figure in figures)
                text.Append(CultureInfo.InvariantCulture, $"    {figure.Contestant,-44} {Of(figure.Rounds)}\n");
        }
        foreach (var goal in result.Goals)
            text.Append(CultureInfo.InvariantCulture, $"  row {goal.Row,2}  {goal.What,-52} {Bound(goal),-9} {Ratio(goal),-28} {(goal.IsMet ? "met" : "not met")}\n");
        return text.ToString();
    }

    public static string Of(IReadOnlyList<double> rounds) => Spread(rounds, Number);

    public static string Ratio(Goal goal) => Spread(goal.Rounds, value => Number(value) + goal.Unit);

    public static string Bound(Goal goal) => (goal.AtMost ? "≤ " : "≥ ") + Number(goal.Bound) + goal.Unit;

    private static string Spread(IReadOnlyList<double> rounds, Func<double, string> format) => rounds.Count == 0
        ? "–"
        : $"{format(Reporting.Spread.Median(rounds))} ({format(rounds.Min())}–{format(rounds.Max())})";

    /// <summary>Three digits that mean something.</summary>
    public static string Number(double value) => Math.Abs(value) switch
    {
        double.NaN => "–",
        0 => "0",
        >= 100 => value.ToString("#,0", CultureInfo.InvariantCulture),
        >= 10 => value.ToString("0.0", CultureInfo.InvariantCulture),
        >= 0.1 => value.ToString("0.00", CultureInfo.InvariantCulture),
        _ => value.ToString("0.0000", CultureInfo.InvariantCulture),
    };
}
