using System.Text.RegularExpressions;

namespace KlingProxy.Tests;

/// <summary>
/// Which files of a folder name the types of which others, read from their text. Files that need each other can only be understood together. Where a folder has
/// rooms, its root is what they have in common: a circle that leads through it counts as none.
/// </summary>
internal static partial class References
{
    /// <returns>Each circle once, as the names of its files.</returns>
    public static IEnumerable<string> Cycles(string folder)
    {
        var rooms = Directory.EnumerateDirectories(folder).Where(room => Directory.EnumerateFiles(room, "*.cs").Any()).ToList();
        var files = rooms is [] ? Directory.EnumerateFiles(folder, "*.cs").ToList() : [.. rooms.SelectMany(room => Directory.EnumerateFiles(room, "*.cs", SearchOption.AllDirectories))];
        // A type is the same by its short name and by the longer one of its room.
        var prefix = new Regex($@"(?<![.\w])(?:KlingProxy\.)?(?:\w+\.)?({string.Join('|', rooms.Select(Path.GetFileName).Append(Path.GetFileName(folder)))})\.(?=[A-Z])");
        var code = files.ToDictionary(file => file, file => prefix.Replace(Code(File.ReadAllText(file)), ""));
        var homes = new Dictionary<string, string>();
        foreach (var (file, text) in code)
            foreach (Match type in Declared().Matches(text))
                homes.TryAdd(type.Groups[1].Value, file);
        var uses = code.ToDictionary(file => file.Key, file => Word().Matches(file.Value)
            .Select(word => homes.GetValueOrDefault(word.Value)).OfType<string>().Where(home => home != file.Key).ToHashSet());

        var reach = files.ToDictionary(file => file, file => Reach(file, uses));
        return files.Where(file => reach[file].Contains(file))
            .Select(file => string.Join(", ", files.Where(other => reach[file].Contains(other) && reach[other].Contains(file)).Select(Path.GetFileNameWithoutExtension).Order()))
            .Distinct().Select(circle => $"{Path.GetFileName(folder)}: {circle}");
    }

    /// <summary>Without comments and without what stands in texts, but for what is put into them.</summary>
    public static string Code(string source) => Text().Replace(Comment().Replace(source, ""), text =>
        text.Value.StartsWith('$') ? string.Join(' ', Hole().Matches(text.Value).Select(hole => hole.Value)) : "");

    private static HashSet<string> Reach(string from, Dictionary<string, HashSet<string>> uses)
    {
        var (seen, next) = (new HashSet<string>(), new Stack<string>(uses[from]));
        while (next.TryPop(out var file))
            if (seen.Add(file))
                foreach (var used in uses[file])
                    next.Push(used);
        return seen;
    }

    [GeneratedRegex(@"^(?:\w+ )*(?:class|record|struct|interface|enum)\s+(\w+)", RegexOptions.Multiline)]
    private static partial Regex Declared();

    [GeneratedRegex(@"(?<![.\w])[A-Z]\w*")]
    private static partial Regex Word();

    [GeneratedRegex("//[^\n]*")]
    private static partial Regex Comment();

    [GeneratedRegex("""
        "{3}.*?"{3}|\$*"(?:\\.|[^"\\])*"
        """, RegexOptions.Singleline)]
    private static partial Regex Text();

    [GeneratedRegex(@"\{[^{}]*\}")]
    private static partial Regex Hole();
}
