namespace KlingProxy.Tests.EndToEnd;

/// <summary>Files of the repository that tests read.</summary>
internal static class Repository
{
    public static string Root { get; } = Find();

    /// <summary>A JPEG of 1920 × 1080 pixels, as a camera would give it.</summary>
    public static string Still => Path.Combine(Root, "docs", "images", "still.jpg");

    private static string Find()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            if (File.Exists(Path.Combine(folder.FullName, "KlingProxy.sln")))
                return folder.FullName;
        throw new DirectoryNotFoundException("The tests run inside the repository.");
    }
}
