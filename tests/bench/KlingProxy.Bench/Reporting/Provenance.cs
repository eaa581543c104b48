using KlingProxy.Bench.Servers;

namespace KlingProxy.Bench.Reporting;

/// <summary>Whether all results of a document are of one checkout and one binary: numbers of different ones say nothing beside each other.</summary>
internal sealed class Provenance(IReadOnlyList<Result> results)
{
    /// <summary>Behind whatever is of another checkout or another binary.</summary>
    public const string Mark = " †";

    private readonly string commit = results.MaxBy(result => result.At)!.Commit;
    private readonly BinaryIdentity? binary = results.Where(result => result.Binary is not null).MaxBy(result => result.At)?.Binary;

    /// <summary>What was measured last; the others are to be the same.</summary>
    public string Measured => $"Checkout {commit}; binary {binary?.ToString() ?? "unknown"}.";

    /// <summary>For the top of the page, where a reader is to be warned; <c>null</c> where all is of one piece.</summary>
    public string? Warning
    {
        get
        {
            var (others, older) = (results.Where(result => Differs(result) is not null).ToList(), results.Where(result => result.Binary?.NewerSource is not null).ToList());
            var sentences = new List<string>();
            if (others.Count > 0)
                sentences.Add($"**Not of one run: {string.Join(", ", others.Select(result => $"`{result.Scenario}`"))} {(others.Count == 1 ? "was" : "were")} measured at another commit or with another binary, and {(others.Count == 1 ? "is" : "are")} marked{Mark}.**");
            if (older.Count > 0)
                sentences.Add($"**The binary of {string.Join(", ", older.Select(result => $"`{result.Scenario}`"))} was older than the sources ({older[0].Binary!.NewerSource}).**");
            return sentences.Count == 0 ? null : string.Join(' ', sentences);
        }
    }

    public string MarkOf(Result result) => Differs(result) is null ? "" : Mark;

    /// <returns>In what a result differs from the newest; <c>null</c> where in nothing.</returns>
    public string? Differs(Result result) => (result.Commit == commit, result.Binary) switch
    {
        (false, _) => $"at commit {result.Commit}, the newest at {commit}",
        (true, null) when result.Goals.Count > 0 => "with a binary that nobody wrote down",
        (true, { } other) when other.Sha256 != binary?.Sha256 => "with another binary than the newest",
        _ => null,
    };
}
