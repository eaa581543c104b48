namespace KlingProxy.Storage;

/// <summary>Whether files can be made in a folder, found out without making the folder.</summary>
internal static class FolderProbe
{
    /// <param name="folder">May be missing; then the nearest one above it, in which it would be made, is asked.</param>
    /// <returns>Why not, to follow the folder's name; <c>null</c> when they can.</returns>
    public static string? Fault(string folder)
    {
        var nearest = Path.GetFullPath(folder);
        while (!Directory.Exists(nearest))
        {
            if (File.Exists(nearest))
                return nearest == Path.GetFullPath(folder) ? "is a file, and no folder." : $"cannot be made: {nearest} is a file.";
            if (Path.GetDirectoryName(nearest) is not { } above)
                return "cannot be made: there is no such disk.";
            nearest = above;
        }
        return CanBeWritten(nearest) ? null
            : nearest == Path.GetFullPath(folder) ? "cannot be written by this user."
            : $"cannot be made: {nearest} cannot be written by this user.";
    }

    // Modes alone do not tell: a disk may be mounted for reading only, and root may do what no mode allows.
    private static bool CanBeWritten(string folder)
    {
        try
        {
            using var probe = new FileStream(Path.Combine(folder, Path.GetRandomFileName()), FileMode.CreateNew, FileAccess.Write, FileShare.None,
                bufferSize: 0, FileOptions.DeleteOnClose);
            return true;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }
}
