namespace KlingProxy.FalCompat;

/// <summary>
/// The query of a target: names with values, each name once. Nothing is decoded, so nothing can be read in two ways. What cannot be taken is named; an
/// empty value counts as not sent, as an empty field does.
/// </summary>
internal sealed class CompatQuery
{
    public const string Logs = "logs", Webhook = "fal_webhook", MaxQueueLength = "fal_max_queue_length", StorageType = "storage_type";

    /// <summary>What a signed link carries; authentication has judged it, and no operation depends on it.</summary>
    private static readonly string[] OfLinks = ["expires", "signature"];

    /// <summary>Kinds of storage that fal's clients name; those before 1.2 name none, Python's as its last resort gcs. Bytes come here either way.</summary>
    private static readonly string[] StorageTypes = ["fal-cdn-v3", "fal-cdn", "gcs"];

    /// <summary>In characters; a longer name is not worth repeating.</summary>
    private const int MaxNameLength = 100;

    private readonly Dictionary<string, string> values = new(StringComparer.Ordinal);
    private string? fault;

    /// <summary><c>null</c> where it was not given, or without a value.</summary>
    public string? this[string name] => values.GetValueOrDefault(name) is { Length: > 0 } value ? value : null;

    /// <summary>Whether logs are wanted. Python writes <c>True</c>.</summary>
    public bool HasLogs => this[Logs]?.ToLowerInvariant() is "1" or "true";

    /// <returns>The path before the query, and the query.</returns>
    public static (string Path, CompatQuery Query) Split(string rest)
    {
        var (at, query) = (rest.IndexOf('?', StringComparison.Ordinal), new CompatQuery());
        if (at < 0)
            return (rest, query);
        foreach (var pair in rest[(at + 1)..].Split('&', StringSplitOptions.RemoveEmptyEntries))
            query.fault ??= query.Add(pair.Split('=', 2));
        return (rest[..at], query);
    }

    /// <summary>What is wrong with the query, where only these parameters may stand in it; <c>null</c> for nothing.</summary>
    public string? FaultBeside(params IReadOnlyList<string> known) => fault ?? FaultOfNames(known, known);

    /// <summary>The same, where the address may be a signed one of ours.</summary>
    public string? FaultBesideLink(params IReadOnlyList<string> known) => fault ?? FaultOfNames(known, [.. known, .. OfLinks]);

    public string? FaultOfLogs =>
        this[Logs] is null || HasLogs || this[Logs]!.ToLowerInvariant() is "0" or "false"
            ? null
            : $"The query parameter '{Logs}' must be 1 or 0, or true or false.";

    public string? FaultOfStorageType =>
        this[StorageType] is not { } type || StorageTypes.Contains(type)
            ? null
            : $"The query parameter '{StorageType}' must be {string.Join(" or ", StorageTypes)}, or be left out.";

    private string? Add(string[] pair)
    {
        var name = pair[0];
        return name.Length == 0 ? "A query parameter has a value and no name."
            : pair.Length == 1 ? $"The query parameter {Quoted(name)} has no value: write {(name.Length > MaxNameLength ? "it" : name)}=, and the value."
            : values.TryAdd(name, pair[1]) ? null
            : $"The query parameter {Quoted(name)} is written more than once.";
    }

    private string? FaultOfNames(IReadOnlyList<string> offered, IReadOnlyList<string> known) =>
        values.Keys.FirstOrDefault(name => !known.Contains(name)) is not { } unknown ? null
        : $"There is no query parameter {Quoted(unknown)} here; "
            + $"{(offered is [] ? "this call takes none" : $"this call takes {string.Join(" and ", offered)}")}.";

    private static string Quoted(string name) => name.Length > MaxNameLength ? "of such a name" : $"'{name}'";
}
