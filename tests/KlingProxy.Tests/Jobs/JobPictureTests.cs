using System.Text.RegularExpressions;

using KlingProxy.Jobs;
using KlingProxy.Tests.EndToEnd;

namespace KlingProxy.Tests.Jobs;

/// <summary>README draws the states of a job: exactly the moves that can occur, no more and no fewer.</summary>
public sealed partial class JobPictureTests
{
    [Fact]
    public void Shows_every_move_that_can_occur_and_no_other()
    {
        var picture = Picture().Match(File.ReadAllText(Path.Combine(Repository.Root, "README.md"))).Groups["states"].Value;

        var drawn = Arrows().Matches(picture).Select(arrow => (Before: arrow.Groups["before"].Value, After: arrow.Groups["after"].Value)).ToList();
        var note = Note().Match(picture);
        var noted = from before in Words(note.Groups["before"].Value) from after in Words(note.Groups["after"].Value) select (before, after);

        Assert.Equal(drawn.Distinct(), drawn);
        Assert.Equal(
            Sorted(JobEndingTests.Seen.Value.Where(pair => IsMove(pair.Key, pair.Value)).Select(pair => pair.Key)),
            Sorted(drawn.Concat(noted)));
    }

    [Fact]
    public void Begins_and_ends_where_a_job_does()
    {
        var picture = Picture().Match(File.ReadAllText(Path.Combine(Repository.Root, "README.md"))).Groups["states"].Value;

        Assert.Contains("[*] --> submitting", picture, StringComparison.Ordinal);
        Assert.Equal(
            Enum.GetValues<JobStatus>().Where(status => status.IsFinal).Select(status => status.Word).Order(StringComparer.Ordinal),
            Ends().Matches(picture).Select(end => end.Groups["last"].Value).Order(StringComparer.Ordinal));
    }

    // What changes within a state is none, unless the state stays by chance: one end takes the place of another, and corrects what it cost.
    private static bool IsMove((string Before, string After) pair, SortedSet<string> meanings) => pair.Before != pair.After || meanings.Contains("c");

    private static IEnumerable<string> Words(string list) => Word().Matches(list).Select(word => word.Value).Where(word => word != "or");

    private static IEnumerable<string> Sorted(IEnumerable<(string Before, string After)> moves) =>
        moves.Select(move => $"{move.Before} --> {move.After}").Order(StringComparer.Ordinal);

    [GeneratedRegex(@"```mermaid\nstateDiagram-v2\n(?<states>.*?)```", RegexOptions.Singleline)]
    private static partial Regex Picture();

    [GeneratedRegex(@"^ +(?<before>\w+) --> (?<after>\w+)", RegexOptions.Multiline)]
    private static partial Regex Arrows();

    [GeneratedRegex(@"^ +(?<last>\w+) --> \[\*\]", RegexOptions.Multiline)]
    private static partial Regex Ends();

    [GeneratedRegex(@"note right of \w+\n(?<before>.*?) may become\n(?<after>.*?)\n +end note", RegexOptions.Singleline)]
    private static partial Regex Note();

    [GeneratedRegex(@"\w+")]
    private static partial Regex Word();
}
