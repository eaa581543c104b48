using System.Net.Http.Headers;

using KlingProxy.Secrets;

using Microsoft.Extensions.Options;

namespace KlingProxy.Fal.Calls;

/// <summary>A secret of fal's, from a setting or from a file. A file is read again when its time stamp changes, so a rotated secret needs no restart.</summary>
internal abstract class FalSecret
{
    private readonly string? value, file;
    private readonly string setting;
    private readonly Redaction redaction;
    private volatile Reading? last;

    /// <param name="redaction">Is taught the secret before anybody else hears of it, and each that a file holds later.</param>
    protected FalSecret(string? value, string? file, string setting, Redaction redaction)
    {
        (this.value, this.file, this.setting, this.redaction) = (value, file, setting, redaction);
        redaction.Learn(value);
    }

    public bool IsSet => file is { Length: > 0 } || value is { Length: > 0 };

    public bool IsReadable => Current is not null;

    /// <exception cref="InvalidOperationException">There is none, or its file cannot be read and no earlier secret is known.</exception>
    public AuthenticationHeaderValue Header => new("Key", Current ?? throw new InvalidOperationException($"{setting} cannot be read, or is empty."));

    // A half-written, locked or vanished file keeps the last good key: rotation must not be an outage.
    private string? Current => file is { Length: > 0 } path ? Read(path) ?? last?.Key : value is { Length: > 0 } ? value : null;

    private string? Read(string path)
    {
        try
        {
            var writtenAt = File.GetLastWriteTimeUtc(path);
            if (last is { } known && known.WrittenAt == writtenAt)
                return known.Key;
            if (File.ReadAllText(path).Trim() is not { Length: > 0 } key)
                return null;
            redaction.Learn(key);
            return (last = new Reading(writtenAt, key)).Key;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private sealed record Reading(DateTime WrittenAt, string Key);
}

/// <summary>The secret that this service exists to keep.</summary>
internal sealed class FalKey(IOptions<FalOptions> options, Redaction redaction) : FalSecret(options.Value.Key, options.Value.KeyFile, "FAL_KEY", redaction);

/// <summary>Opens what fal says it billed; optional, and used for nothing else.</summary>
internal sealed class FalAdminKey(IOptions<FalOptions> options, Redaction redaction)
    : FalSecret(options.Value.AdminKey, options.Value.AdminKeyFile, "FAL_ADMIN_KEY", redaction);
