using KlingProxy.Settings;

using Npgsql;

namespace KlingProxy.Storage;

/// <summary>Where everything is kept.</summary>
internal sealed class StorageOptions : ISettings
{
    public static string Section => "Storage";

    /// <summary>The SQLite file; it and its folder are created. A relative path starts at the working folder.</summary>
    public string Sqlite { get; set; } = "data/klingproxy.db";

    /// <summary>A PostgreSQL connection string, such as <c>Host=db;Database=klingproxy;Username=klingproxy;Password=…</c>. Wins over SQLite.</summary>
    public string? Postgres { get; set; }

    /// <summary>
    /// A folder for bodies that have to wait on disk for a moment, created; a disk, and no memory. Empty: <c>spool</c> beside the SQLite file.
    /// </summary>
    public string? Spool { get; set; }

    public string SpoolFolder => Spool is { Length: > 0 } folder ? folder : Path.Combine(Path.GetDirectoryName(Path.GetFullPath(Sqlite))!, "spool");

    public void Read(SettingsSection settings)
    {
        Sqlite = settings.Text(nameof(Sqlite), Sqlite);
        Postgres = settings.Text(nameof(Postgres));
        Spool = settings.Text(nameof(Spool));
    }

    /// <returns>What no log line may hold; <c>null</c> where there is none.</returns>
    public static string? PasswordIn(string? connection)
    {
        try
        {
            return new NpgsqlConnectionStringBuilder(connection).Password;
        }
        catch (Exception error) when (error is ArgumentException or FormatException or KeyNotFoundException)
        {
            return null;
        }
    }
}
