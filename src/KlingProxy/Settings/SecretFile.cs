namespace KlingProxy.Settings;

/// <summary>A secret in a file of its own, as orchestrators hand them over.</summary>
internal static class SecretFile
{
    /// <returns><c>null</c> when it cannot be read or is empty.</returns>
    public static string? Read(string file)
    {
        try
        {
            return File.ReadAllText(file).Trim() is { Length: > 0 } secret ? secret : null;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            return null;
        }
    }
}
