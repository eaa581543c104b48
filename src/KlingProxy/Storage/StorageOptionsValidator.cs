
using Microsoft.Extensions.Options;

using Npgsql;

namespace KlingProxy.Storage;

/// <summary>Looks at places on disk without making or opening what shall lie there: a start that is refused leaves nothing behind.</summary>
internal sealed class StorageOptionsValidator : IValidateOptions<StorageOptions>
{
    public ValidateOptionsResult Validate(string? name, StorageOptions options)
    {
        string?[] faults = [FaultOfDatabase(options), FaultOfSpool(options)];
        return faults.OfType<string>().ToList() is { Count: > 0 } found ? ValidateOptionsResult.Fail(found) : ValidateOptionsResult.Success;
    }

    private static string? FaultOfDatabase(StorageOptions options)
    {
        if (options.Postgres is { Length: > 0 } connection)
            return NamesServer(connection) ? null : "Storage__Postgres must be a connection string with at least Host, such as Host=db;Database=klingproxy;Username=klingproxy;Password=….";
        if (string.IsNullOrWhiteSpace(options.Sqlite) || options.Sqlite.Contains('\0', StringComparison.Ordinal) || Directory.Exists(options.Sqlite) || Path.EndsInDirectorySeparator(options.Sqlite))
            return "Storage__Sqlite must name a file; it is created when it does not exist.";
        if (SpecialFile.IsAt(options.Sqlite))
            return $"Storage__Sqlite: {options.Sqlite} is a device, a pipe or a socket, and no file. Name a file; it is created when it does not exist.";
        return FolderProbe.Fault(Path.GetDirectoryName(Path.GetFullPath(options.Sqlite))!) is { } fault ? $"Storage__Sqlite: the folder of {options.Sqlite} {fault}" : null;
    }

    // Without a name of its own it lies beside the database, and has that one's faults.
    private static string? FaultOfSpool(StorageOptions options)
    {
        if (options is { Spool: null or "", Postgres: null or "" })
            return null;
        if (options.SpoolFolder is var folder && folder.Contains('\0', StringComparison.Ordinal))
            return "Storage__Spool must name a folder; it is created when it does not exist.";
        return FolderProbe.Fault(folder) is { } fault ? $"Storage__Spool: {folder} {fault} Bodies that have to wait are kept there for a moment." : null;
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
