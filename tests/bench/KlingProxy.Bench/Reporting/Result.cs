using KlingProxy.Bench.Servers;

namespace KlingProxy.Bench.Reporting;

/// <summary>What one scenario has found.</summary>
/// <param name="Scenario">Its name.</param>
/// <param name="Commit">Of the checkout, whose peers and benchmarks these are.</param>
/// <param name="Binary">What was measured; <c>null</c> where the service had no part in it.</param>
/// <param name="Notes">What a reader has to know of how it was measured.</param>
internal sealed record Result(
    string Scenario, string Title, DateTimeOffset At, string Commit, BinaryIdentity? Binary, IReadOnlyList<Figure> Figures, IReadOnlyList<Goal> Goals, IReadOnlyList<string> Notes);

/// <summary>One number of one contestant, once for each round.</summary>
/// <param name="What">What was counted, with its unit: <c>CPU per request, µs</c>.</param>
internal sealed record Figure(string Contestant, string What, IReadOnlyList<double> Rounds);

/// <summary>A goal with the ratio that is to reach it, once for each round.</summary>
/// <param name="Row">Of the table of goals.</param>
/// <param name="Bound">The ratio is to be this at least, or at most where <paramref name="AtMost"/>.</param>
/// <param name="Unit">Behind each number: a ratio's cross, or what else it is.</param>
internal sealed record Goal(int Row, string What, double Bound, bool AtMost, string Unit, IReadOnlyList<double> Rounds)
{
    public double Median => Spread.Median(Rounds);

    public bool IsMet => AtMost ? Median <= Bound : Median >= Bound;
}

internal static class Spread
{
    public static double Median(IReadOnlyList<double> values) => Quantile(values, 0.5);

    public static double Quantile(IReadOnlyList<double> values, double part)
    {
        if (values.Count == 0)
            return double.NaN;
        var sorted = values.Order().ToList();
        var place = part * (sorted.Count - 1);
        var (below, above) = (sorted[(int)Math.Floor(place)], sorted[(int)Math.Ceiling(place)]);
        return below.Equals(above) ? below : below + ((above - below) * (place - Math.Floor(place))); // both may be infinite
    }
}
