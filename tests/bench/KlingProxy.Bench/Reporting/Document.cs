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
        var (newest, provenance) = (results.Max(result => result.At), new Provenance(results));
        text.Append(CultureInfo.InvariantCulture, $"""
            # Benchmarks

            Written by `tests/bench/run` ([how](../tests/bench/README.md)). All contestants run on one machine, one after the other in several rounds, in an order that is drawn anew
            each round; a ratio is made within a round, so that a slow minute of the machine strikes both sides. Each number is the median of the rounds, with the least and the most of them.

            {newest.UtcDateTime:yyyy-MM-dd}, {Machine()}. {provenance.Measured}
            {(provenance.Warning is { } warning ? $"\n{warning}\n" : "")}
            ![Ratios and their goals](benchmarks.svg)

            What profiles showed before and after each row: [where the time goes](where-time-goes.md). What it means for a deployment: [how far it goes](scale.md).

            ## Goals

            CPU is that of the server's own processes, user and system, in the measured span, by the kernel's clock of each process. "≥ 10×": ten times less than the peer. "≤ 0.6×": at most so much of the peer's.

            | # | Work | Goal | Measured | |
            |---|---|---|---|---|

            """);
        foreach (var (goal, mark) in results.SelectMany(result => result.Goals.Select(goal => (goal, provenance.MarkOf(result)))).OrderBy(line => line.goal.Row))
            text.Append(CultureInfo.InvariantCulture, $"| {goal.Row} | {goal.What} | {Table.Bound(goal)} | {Table.Ratio(goal)} | {(goal.IsMet ? "met" : "not met")}{mark} |\n");

        foreach (var result in results)
        {
            text.Append(CultureInfo.InvariantCulture, $"\n## {result.Title}{provenance.MarkOf(result)}\n\n`tests/bench/run {result.Scenario}`, {result.At.UtcDateTime:yyyy-MM-dd HH:mm} UTC, {Rounds(result)}.\n");
            if (provenance.Differs(result) is { } difference)
                text.Append(CultureInfo.InvariantCulture, $"**{Provenance.Mark.Trim()} Measured {difference}{(result.Binary is { } binary ? $" (binary {binary})" : "")}.**\n");
            foreach (var note in result.Notes)
                text.Append(CultureInfo.InvariantCulture, $"{note}\n");
            AppendFigures(text, result.Figures);
        }
        File.WriteAllText(Path.Combine(repository.Root, "docs/benchmarks.md"), text.ToString());
        File.WriteAllText(Path.Combine(repository.Root, "docs/benchmarks.svg"), Plot.Svg(results));
    }

    private static string Rounds(Result result) => result.Figures.Max(figure => figure.Rounds.Count) is > 1 and var count ? $"{count} rounds" : "one round";

    // The longer side goes down the page.
    private static void AppendFigures(StringBuilder text, IReadOnlyList<Figure> figures)
    {
        var (contestants, kinds) = (figures.Select(figure => figure.Contestant).Distinct().ToList(), figures.Select(figure => figure.What).Distinct().ToList());
        var isTurned = kinds.Count > contestants.Count;
        var (across, down) = isTurned ? (contestants, kinds) : (kinds, contestants);
        text.Append(CultureInfo.InvariantCulture, $"\n| | {string.Join(" | ", across)} |\n|---|{string.Concat(Enumerable.Repeat("---|", across.Count))}\n");
        foreach (var row in down)
            text.Append(CultureInfo.InvariantCulture, $"| {row} | {string.Join(" | ", across.Select(column => isTurned ? Cell(column, row) : Cell(row, column)))} |\n");

        string Cell(string contestant, string kind) =>
            figures.FirstOrDefault(figure => figure.Contestant == contestant && figure.What == kind) is { } figure ? Table.Of(figure.Rounds) : "";
    }

    private static string Machine()
    {
        var model = File.ReadLines("/proc/cpuinfo").FirstOrDefault(line => line.StartsWith("model name", StringComparison.Ordinal))?.Split(':')[1].Trim() ?? "a processor without a name";
        var memory = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / (1L << 30);
        return string.Create(CultureInfo.InvariantCulture, $"{Environment.ProcessorCount} cores of {model}, {memory} GiB, {RuntimeInformation.OSDescription}");
    }
}
