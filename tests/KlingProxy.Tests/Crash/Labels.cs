namespace KlingProxy.Tests.Crash;

/// <summary>Every label that any replica ever passed, and how often one died there. Each gets its turn.</summary>
internal sealed class Labels
{
    private readonly Dictionary<string, int> turns = [];
    private readonly Dictionary<string, int> deaths = [];
    private readonly HashSet<string> seenAtFirstStart = [], seenAtStart = [], seenLater = [];

    public int Known => turns.Count;

    /// <summary>How many of them somebody died at.</summary>
    public int Killed => deaths.Count;

    public IEnumerable<string> NeverKilled => turns.Keys.Except(deaths.Keys);

    /// <param name="isFirst">It found an empty database.</param>
    public void Saw(Replica replica, bool isFirst)
    {
        foreach (var label in replica.Passed)
            turns.TryAdd(label, 0);
        seenAtStart.UnionWith(replica.DiedAt is not null && replica.PassedWhileStarting.Count == 0 ? replica.Passed : replica.PassedWhileStarting);
        if (isFirst)
            seenAtFirstStart.UnionWith(replica.PassedWhileStarting);
        else
            seenLater.UnionWith(replica.Passed);
        if (replica.DiedAt is { } place)
            deaths[place] = deaths.GetValueOrDefault(place) + 1;
    }

    /// <summary>Whether it is passed before a replica listens.</summary>
    public bool IsAtStart(string label) => seenAtStart.Contains(label);

    /// <summary>The one that had the fewest turns, and its how-manieth passage; <c>null</c> where none is known.</summary>
    /// <param name="isFirst">Among those that only an empty database has.</param>
    public (string Label, int Passage)? Next(bool isFirst)
    {
        var next = turns.Keys.Where(label => isFirst == (seenAtFirstStart.Contains(label) && !seenLater.Contains(label))).MinBy(label => turns[label]);
        return next is null ? null : (next, (turns[next]++ % 3) + 1);
    }
}
