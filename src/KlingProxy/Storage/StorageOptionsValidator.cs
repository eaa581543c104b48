using Microsoft.Extensions.Options;

using Npgsql;

namespace KlingProxy.Storage;

internal sealed class StorageOptionsValidator : IValidateOptions<StorageOptions>
{
    public ValidateOptionsResult Validate(string? name, StorageOptions options)
    {
        if (options.Postgres is { Length: > 0 } connection)
        {
            return NamesServer(connection)
                ? ValidateOptionsResult.Success
                : ValidateOptionsResult.Fail("Storage__Postgres must be a connection string with at least Host, such as Host=db;Database=klingproxy;Username=klingproxy;Password=….");
        }
        return string.IsNullOrWhiteSpace(options.Sqlite) || Directory.Exists(options.Sqlite)
            ? ValidateOptionsResult.Fail("Storage__Sqlite must name a file; it is created when it does not exist.")
            : ValidateOptionsResult.Success;
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
