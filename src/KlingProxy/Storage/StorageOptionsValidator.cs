using KlingProxy.Settings;

using Microsoft.Extensions.Options;

using Npgsql;

namespace KlingProxy.Storage;

/// <summary>Looks at places on disk without making or opening what shall lie there: a start that is refused leaves nothing behind.</summary>
internal sealed class StorageOptionsValidator : IValidateOptions<StorageOptions>
{
    private static readonly string
        Sqlite = SettingName.Of<StorageOptions>(nameof(StorageOptions.Sqlite)),
        Postgres = SettingName.Of<StorageOptions>(nameof(StorageOptions.Postgres)),
        Spool = SettingName.Of<StorageOptions>(nameof(StorageOptions.Spool));

    public ValidateOptionsResult Validate(string? name, StorageOptions options)
    {
        string?[] faults = [FaultOfDatabase(options), FaultOfSpool(options)];
        return faults.OfType<string>().ToList() is { Count: > 0 } found ? ValidateOptionsResult.Fail(found) : ValidateOptionsResult.Success;
    }

    private static string? FaultOfDatabase(StorageOptions options)
    {
        if (options.Postgres is { Length: > 0 } connection)
            return NamesServer(connection)
                ? null
                : $"{Postgres} must be a connection string with at least Host, such as Host=db;Database=klingproxy;Username=klingproxy;Password=….";
        if (string.IsNullOrWhiteSpace(options.Sqlite) || options.Sqlite.Contains('\0', StringComparison.Ordinal) || Directory.Exists(options.Sqlite)
            || Path.EndsInDirectorySeparator(options.Sqlite))
            return $"{Sqlite} must name a file; it is created when it does not exist.";
        if (SpecialFile.IsAt(options.Sqlite))
            return $"{Sqlite}: {options.Sqlite} is a device, a pipe or a socket, and no file. Name a file; it is created when it does not exist.";
        return FolderProbe.Fault(Path.GetDirectoryName(Path.GetFullPath(options.Sqlite))!) is { } fault
            ? $"{Sqlite}: the folder of {options.Sqlite} {fault}"
            : null;
    }

    // Without a name of its own it lies beside the database, and has that one's faults.
    private static string? FaultOfSpool(StorageOptions options)
    {
        if (options is { Spool: null or "", Postgres: null or "" })
            return null;
        if (options.SpoolFolder is var folder && folder.Contains('\0', StringComparison.Ordinal))
            return $"{Spool} must name a folder; it is created when it does not exist.";
        return FolderProbe.Fault(folder) is { } fault ? $"{Spool}: {folder} {fault} Bodies that have to wait are kept there for a moment." : null;
    }

    private static bool NamesServer(string connection)
    {
        try
        {
            return new NpgsqlConnectionStringBuilder(connection).Host is { Length: > 0 };
        }
        catch (Exception error) when (error is ArgumentException or FormatException or KeyNotFoundException)
        {
            return false;
        }
    }
}
