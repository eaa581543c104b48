namespace KlingProxy.FalProtocol;

/// <summary>The query of a target: names with values, each name once. Nothing is decoded, so nothing can be read in two ways.</summary>
internal sealed class FalQuery
{
    public const string Logs = "logs";

    /// <summary>What a signed link carries; authentication has judged it, and no operation depends on it.</summary>
    public static readonly string[] OfLinks = ["expires", "signature"];

    private readonly Dictionary<string, string> values = new(StringComparer.Ordinal);

    /// <summary><c>null</c> where it was not given.</summary>
    public string? this[string name] => values.GetValueOrDefault(name);

    /// <returns>The path before the query, and the query; <c>null</c> for one that is not read.</returns>
    public static (string Path, FalQuery? Query) Split(string rest)
    {
        var at = rest.IndexOf('?', StringComparison.Ordinal);
        if (at < 0)
            return (rest, new FalQuery());
        var query = new FalQuery();
        foreach (var pair in rest[(at + 1)..].Split('&'))
        {
            if (pair.Split('=', 2) is not [{ Length: > 0 } name, { Length: > 0 } value] || !query.values.TryAdd(name, value))
                return (rest, null);
        }
        return (rest[..at], query);
    }

    public bool HasOnly(params ReadOnlySpan<string> names)
    {
        foreach (var name in values.Keys)
            if (!names.Contains(name))
                return false;
        return true;
    }

    /// <returns>Whether it is clear if logs are wanted. Python writes <c>True</c>.</returns>
    public bool TryReadLogs(out bool logs)
    {
        var value = this[Logs]?.ToLowerInvariant();
        logs = value is "1" or "true";
        return logs || value is null or "0" or "false";
    }
}
