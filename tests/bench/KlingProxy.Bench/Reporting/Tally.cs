using KlingProxy.Bench.Servers;

namespace KlingProxy.Bench.Reporting;

/// <summary>Collects numbers while the rounds go on, and makes ratios of them: round by round, so that a slow minute of the machine strikes both sides.</summary>
internal sealed class Tally
{
    private const string Times = "×";

    private readonly Dictionary<(string Contestant, string What), List<double>> figures = [];
    private readonly List<Goal> goals = [];
    private readonly List<string> notes = [];
    private IReadOnlyList<string> contestants = [];

    /// <summary>In which order tables have them, whoever's turn came first; those that are not named come last.</summary>
    public void Order(IEnumerable<string> names) => contestants = [.. names];

    public void Add(string contestant, string what, double value)
    {
        if (!figures.TryGetValue((contestant, what), out var rounds))
            rounds = figures[(contestant, what)] = [];
        rounds.Add(value);
    }

    public IReadOnlyList<double> Of(string contestant, string what) => figures[(contestant, what)];

    public void Note(string note) => notes.Add(note);

    /// <summary>How many times less one costs than another, by the same figure.</summary>
    public void TimesLess(int row, string name, string what, string ours, string theirs, double atLeast) =>
        goals.Add(new Goal(row, name, atLeast, AtMost: false, Times, [.. Of(theirs, what).Zip(Of(ours, what), (their, our) => their / our)]));

    /// <summary>One's figure in parts of another's.</summary>
    public void PartOf(int row, string name, string what, string ours, string theirs, double bound, bool atMost) =>
        goals.Add(new Goal(row, name, bound, atMost, Times, [.. Of(ours, what).Zip(Of(theirs, what), (our, their) => our / their)]));

    /// <summary>A number that has a bound by itself.</summary>
    public void Bound(int row, string name, double atMost, string unit, IReadOnlyList<double> rounds) =>
        goals.Add(new Goal(row, name, atMost, AtMost: true, unit, rounds));

    public Result Finish(string scenario, string title, string commit, BinaryIdentity? binary) =>
        new(scenario, title, DateTimeOffset.UtcNow, commit, binary,
            [.. figures.OrderBy(figure => Place(figure.Key.Contestant)).Select(figure => new Figure(figure.Key.Contestant, figure.Key.What, figure.Value))], goals, notes);

    private int Place(string contestant) => contestants.TakeWhile(name => name != contestant).Count();
}
