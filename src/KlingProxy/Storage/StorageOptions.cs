namespace KlingProxy.Storage;

/// <summary>Where everything is kept. Section <c>Storage</c>.</summary>
internal sealed class StorageOptions
{
    /// <summary>The SQLite file; it and its folder are created. A relative path starts at the working folder.</summary>
    public string Sqlite { get; set; } = "data/klingproxy.db";
}
