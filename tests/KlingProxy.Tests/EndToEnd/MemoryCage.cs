using System.Globalization;

namespace KlingProxy.Tests.EndToEnd;

/// <summary>
/// A memory limit like a container's: a control group, where this machine lets us make one. Elsewhere the runtime is told what it would conclude from
/// one, and the peak is held against the limit.
/// </summary>
internal sealed class MemoryCage : IDisposable
{
    private const string Version1 = "/sys/fs/cgroup/memory", Version2 = "/sys/fs/cgroup";

    private readonly string? folder;
    private readonly long limit;

    public MemoryCage(long limit)
    {
        this.limit = limit;
        folder = Make(Directory.Exists(Version1) ? Version1 : Version2, Directory.Exists(Version1) ? "memory.limit_in_bytes" : "memory.max");
    }

    public bool IsReal => folder is not null;

    /// <summary>What a shell does to enter it.</summary>
    public string Enter => folder is null ? ":" : $"echo $$ > {folder}/cgroup.procs";

    /// <summary>75 % of the limit is what the runtime allows itself.</summary>
    public Dictionary<string, string> Environment => folder is null ? new() { ["DOTNET_GCHeapHardLimit"] = (limit / 4 * 3).ToString("x", CultureInfo.InvariantCulture) } : [];

    public void Dispose()
    {
        if (folder is not null)
            Directory.Delete(folder);
    }

    private string? Make(string parent, string setting)
    {
        var made = Path.Combine(parent, $"klingproxy-test-{Guid.NewGuid():N}");
        try
        {
            Directory.CreateDirectory(made);
            File.WriteAllText(Path.Combine(made, setting), limit.ToString(CultureInfo.InvariantCulture));
            return made;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            if (Directory.Exists(made))
                Directory.Delete(made);
            return null;
        }
    }
}
