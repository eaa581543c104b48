using System.Globalization;

namespace KlingProxy.Bench.Servers;

/// <summary>What a process and those that it started cost, as Linux counts.</summary>
internal static class ProcessCost
{
    /// <summary>Of <c>/proc</c>, whatever the kernel's own tick is.</summary>
    private const double TicksPerSecond = 100;

    private const double NanosecondsPerSecond = 1e9;

    /// <returns>
    /// Seconds of CPU since the start, user and system, of the process and of all below it. To the nanosecond, but for processes below it that have ended:
    /// their share is known to their parent alone, and in hundredths.
    /// </returns>
    public static double Cpu(int process) =>
        Tree(process).Sum(id => (CpuClock.Of(id) / NanosecondsPerSecond) + (TimesOfEnded(id).Sum() / TicksPerSecond));

    /// <returns>Bytes that are resident, of the process and of all below it; pages that two of them share count twice.</returns>
    public static long Rss(int process) => Tree(process).Sum(id => Rollup(id, "Rss:"));

    private static IEnumerable<int> Tree(int root)
    {
        var children = new Dictionary<int, List<int>>();
        foreach (var folder in Directory.EnumerateDirectories("/proc"))
            if (int.TryParse(Path.GetFileName(folder), NumberStyles.None, CultureInfo.InvariantCulture, out var id) && Stat(id) is [_, var parent, ..])
                (children.TryGetValue(int.Parse(parent, CultureInfo.InvariantCulture), out var known) ? known : children[int.Parse(parent, CultureInfo.InvariantCulture)] = []).Add(id);
        var tree = new List<int> { root };
        for (var place = 0; place < tree.Count; place++)
            tree.AddRange(children.GetValueOrDefault(tree[place], []));
        return tree;
    }

    // Fields 16 and 17: user and system, of those that it has waited for.
    private static IEnumerable<long> TimesOfEnded(int id) => Stat(id) is { Length: > 14 } stat
        ? stat[13..15].Select(ticks => long.Parse(ticks, CultureInfo.InvariantCulture))
        : [];

    // The name, in brackets, may hold spaces; what follows it begins with the state, which is field 3.
    private static string[]? Stat(int id)
    {
        try
        {
            var text = File.ReadAllText($"/proc/{id}/stat");
            return text[(text.LastIndexOf(')') + 2)..].Split(' ');
        }
        catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static long Rollup(int id, string name)
    {
        try
        {
            var line = File.ReadLines($"/proc/{id}/smaps_rollup").First(line => line.StartsWith(name, StringComparison.Ordinal));
            return 1024 * long.Parse(line[name.Length..].Replace("kB", "", StringComparison.Ordinal).Trim(), CultureInfo.InvariantCulture);
        }
        catch (Exception gone) when (gone is IOException or UnauthorizedAccessException or InvalidOperationException)
        {
            return 0;
        }
    }
}
