namespace KlingProxy.Storage;

/// <summary>Where everything is kept. Section <c>Storage</c>.</summary>
internal sealed class StorageOptions
{
    public const string DefaultSqlite = "data/klingproxy.db";

    /// <summary>The SQLite file; it and its folder are created. A relative path starts at the working folder.</summary>
    public string Sqlite { get; set; } = DefaultSqlite;
}
