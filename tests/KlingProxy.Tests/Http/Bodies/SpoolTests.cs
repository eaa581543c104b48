using System.Runtime.Versioning;

using KlingProxy.Http.Bodies;

namespace KlingProxy.Tests.Http.Bodies;

/// <summary>Bytes that wait on disk.</summary>
public sealed class SpoolTests : IDisposable
{
    private readonly string folder = Path.Combine(Path.GetTempPath(), $"klingproxy-spool-{Guid.NewGuid():N}");

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Gives_back_what_was_written_as_often_as_somebody_reads()
    {
        using var file = new Spool(folder).NewFile();
        var bytes = Enumerable.Range(0, 100_000).Select(number => (byte)number).ToArray();
        await file.Write(bytes.AsMemory(0, 1), Cancel);
        await file.Write(bytes.AsMemory(1), Cancel);

        Assert.Equal(bytes, await Whole(file));
        Assert.Equal(bytes, await Whole(file));
        Assert.Equal(bytes.Length, file.Length);
    }

    [Fact]
    public void Has_no_name_that_anybody_could_open_or_forget_to_remove()
    {
        using var file = new Spool(folder).NewFile();

        Assert.Empty(Directory.EnumerateFileSystemEntries(folder));
        if (!OperatingSystem.IsWindows())
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(folder));
    }

    [Fact]
    [UnsupportedOSPlatform("windows")]
    public void Leaves_a_folder_that_is_shared_as_it_is()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Modes are Unix'.");
        var shared = Directory.CreateDirectory(folder, (UnixFileMode)0b111_111_101).UnixFileMode;

        using var file = new Spool(folder).NewFile();

        Assert.Equal(shared, File.GetUnixFileMode(folder));
    }

    [Fact]
    public async Task Takes_no_more_than_there_is_room_for_and_has_it_again_afterwards()
    {
        var spool = new Spool(folder, max: 1000);
        var first = spool.NewFile();
        await first.Write(new byte[600], Cancel);
        using var second = spool.NewFile();

        await Assert.ThrowsAsync<SpoolTrouble>(() => second.Write(new byte[401], Cancel).AsTask());
        await second.Write(new byte[400], Cancel);
        Assert.Equal(1000, spool.Taken);
        first.Dispose();
        first.Dispose();

        Assert.Equal(400, spool.Taken);
        await second.Write(new byte[600], Cancel);
    }

    [Fact]
    public void Says_at_start_which_setting_names_a_folder_that_cannot_be_written()
    {
        var refusal = Assert.Throws<InvalidOperationException>(() => new Spool("/proc/klingproxy").Open());

        Assert.StartsWith("Storage__Spool", refusal.Message, StringComparison.Ordinal);
    }

    public void Dispose()
    {
        if (Directory.Exists(folder))
            Directory.Delete(folder, recursive: true);
    }

    private static async Task<byte[]> Whole(SpooledFile file)
    {
        using var all = new MemoryStream();
        await using var reader = file.Read();
        await reader.CopyToAsync(all, Cancel);
        return all.ToArray();
    }
}
