using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;

namespace KlingProxy.Bench.Reporting;

/// <summary>Writes <c>docs/benchmarks.md</c>, and the plot beside it.</summary>
internal static class Document
{
    public static void Write(Repository repository, IReadOnlyList<Result> results)
    {
        var text = new StringBuilder();
        var newest = results.Max(result => result.At);
        text.Append(CultureInfo.InvariantCulture, $"""
            # Benchmarks

            Written by `tests/bench/run` ([how](../tests/bench/README.md)). All contestants run on one machine, in turn, in several rounds; a ratio is made within a round, so
            that a slow minute of the machine strikes both sides. Each number is the median of the rounds, with the least and the most of them.

            {newest.UtcDateTime:yyyy-MM-dd}, commit {string.Join(", ", results.Select(result => result.Commit).Distinct())}, {Machine()}.

            ![Ratios and their goals](benchmarks.svg)

            ## Goals

            CPU is that of the server's own processes, user and system, in the measured span. "≥ 10×": ten times less than the peer. "≤ 0.6×": at most so much of the peer's.

            | # | Work | Goal | Measured | |
            |---|---|---|---|---|

            """);
        foreach (var goal in results.SelectMany(result => result.Goals).OrderBy(goal => goal.Row))
            text.Append(CultureInfo.InvariantCulture, $"| {goal.Row} | {goal.What} | {Table.Bound(goal)} | {Table.Ratio(goal)} | {(goal.IsMet ? "met" : "not met")} |\n");

        foreach (var result in results)
        {
            text.Append(CultureInfo.InvariantCulture, $"\n## {result.Title}\n\n`tests/bench/run {result.Scenario}`, {result.At.UtcDateTime:yyyy-MM-dd HH:mm} UTC, commit {result.Commit}, {result.Figures.Max(figure => figure.Rounds.Count)} rounds.\n");
            foreach (var note in result.Notes)
                text.Append(CultureInfo.InvariantCulture, $"{note}\n");
            var kinds = result.Figures.Select(figure => figure.What).Distinct().ToList();
            text.Append(CultureInfo.InvariantCulture, $"\n| | {string.Join(" | ", kinds)} |\n|---|{string.Concat(Enumerable.Repeat("---|", kinds.Count))}\n");
            foreach (var contestant in result.Figures.GroupBy(figure => figure.Contestant))
                text.Append(CultureInfo.InvariantCulture, $"| {contestant.Key} | {string.Join(" | ", kinds.Select(kind => contestant.FirstOrDefault(figure => figure.What == kind) is { } figure ? Table.Of(figure.Rounds) : ""))} |\n");
        }
        File.WriteAllText(Path.Combine(repository.Root, "docs/benchmarks.md"), text.ToString());
        File.WriteAllText(Path.Combine(repository.Root, "docs/benchmarks.svg"), Plot.Svg(results));
    }

    private static string Machine()
    {
        var model = File.ReadLines("/proc/cpuinfo").FirstOrDefault(line => line.StartsWith("model name", StringComparison.Ordinal))?.Split(':')[1].Trim() ?? "a processor without a name";
        var memory = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / (1L << 30);
        return string.Create(CultureInfo.InvariantCulture, $"{Environment.ProcessorCount} cores of {model}, {memory} GiB, {RuntimeInformation.OSDescription}");
    }
}
