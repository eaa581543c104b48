using Microsoft.Extensions.Options;

namespace KlingProxy.Storage;

internal sealed class StorageOptionsValidator : IValidateOptions<StorageOptions>
{
    public ValidateOptionsResult Validate(string? name, StorageOptions options) =>
        string.IsNullOrWhiteSpace(options.Sqlite) || Directory.Exists(options.Sqlite)
            ? ValidateOptionsResult.Fail("Storage__Sqlite must name a file; it is created when it does not exist.")
            : ValidateOptionsResult.Success;
}
