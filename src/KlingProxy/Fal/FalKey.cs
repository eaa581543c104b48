using System.Net.Http.Headers;

using Microsoft.Extensions.Options;

namespace KlingProxy.Fal;

/// <summary>Hands out the key for one request at a time. A key file is read again when its time stamp changes, so a rotated secret needs no restart.</summary>
internal sealed class FalKey(IOptions<FalOptions> options)
{
    private sealed record Reading(DateTime WrittenAt, string Key);

    private volatile Reading? last;

    public AuthenticationHeaderValue Header => new("Key", Current);

    /// <exception cref="InvalidOperationException">The key file is empty and no earlier key is known.</exception>
    public string Current
    {
        get
        {
            if (options.Value.KeyFile is not { Length: > 0 } file)
                return options.Value.Key ?? throw new InvalidOperationException("No key is configured.");

            var writtenAt = File.GetLastWriteTimeUtc(file);
            if (last is { } known && known.WrittenAt == writtenAt)
                return known.Key;

            // A half-written or vanished file keeps the last good key: rotation must not be an outage.
            if (File.Exists(file) && File.ReadAllText(file).Trim() is { Length: > 0 } key)
                return (last = new Reading(writtenAt, key)).Key;
            return last?.Key ?? throw new InvalidOperationException("FAL_KEY_FILE is empty.");
        }
    }
}
