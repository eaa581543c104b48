namespace KlingProxy.Bench.Servers;

/// <summary>Where everything is, and how long may be measured.</summary>
/// <param name="Root">Of the repository.</param>
/// <param name="Folder">Of one scenario: databases, logs, spool; gone when it ends.</param>
/// <param name="Scale">How much work is done.</param>
internal sealed record World(string Root, string Folder, Scale Scale, MeasuredBinary Binary)
{
    // Seeded, so that a scenario's orders can be had again.
    private readonly Random dice = new(2026);

    public string Peers => Path.Combine(Root, "tests/bench/peers");

    /// <returns>In the order of their turns in this round, drawn anew at each call: over the rounds none always follows the same one, nor always begins.</returns>
    public IReadOnlyList<T> Shuffled<T>(IEnumerable<T> contestants)
    {
        T[] turns = [.. contestants];
        dice.Shuffle(turns);
        return turns;
    }

    public string NewFile(string name) => Path.Combine(Folder, $"{name}-{Guid.NewGuid():n}");
}

/// <param name="Rounds">In which every contestant has its turn.</param>
/// <param name="Turn">How long one contestant is measured in a round, where a time says it.</param>
/// <param name="IsSmall">Only whether all of it works: numbers come out, and mean nothing.</param>
internal sealed record Scale(int Rounds, TimeSpan Turn, bool IsSmall)
{
    public static Scale Of(int? rounds, bool small) => small ? new(rounds ?? 1, TimeSpan.FromMilliseconds(200), true) : new(rounds ?? 5, TimeSpan.FromSeconds(3), false);

    /// <summary>How many of something: all that a measurement needs, or a few.</summary>
    public int Count(int full, int small) => IsSmall ? small : full;
}
