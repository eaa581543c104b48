using System.Net.Sockets;

using KlingProxy.Storage;

namespace KlingProxy.Tests.Storage;

/// <summary>Places on disk are judged with all other settings, and nothing is left there.</summary>
public sealed class StorageSettingsTests : IDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("klingproxy-places-");

    public static TheoryData<string, string?, string?, string?> Places => new()
    {
        // SQLite             spool             PostgreSQL  named
        { "here/x.db",        null,             null,       null },
        { "a/b/c/x.db",       "a/b/spool",      null,       null },
        { "x.db",             "file",           null,       "Storage__Spool" },
        { "x.db",             "file/spool",     null,       "Storage__Spool" },
        { "x.db",             "/proc/nope",     null,       "Storage__Spool" },
        { "/proc/nope/x.db",  null,             null,       "Storage__Sqlite" },
        { "/proc/nope/x.db",  "spool",          null,       "Storage__Sqlite" },
        { "/proc/nope/x.db",  null,             "Host=db",  "Storage__Spool" }, // which lies beside it
        { "/proc/nope/x.db",  "spool",          "Host=db",  null },
        { "file/x.db",        null,             null,       "Storage__Sqlite" },
        { "new/",             null,             null,       "Storage__Sqlite" },
        { "",                 null,             null,       "Storage__Sqlite" },
        { "socket",           null,             null,       "Storage__Sqlite" },
        { "/dev/null",        null,             null,       "Storage__Sqlite" },
    };

    [Theory]
    [MemberData(nameof(Places))]
    public void Names_the_place_that_cannot_be_used(string sqlite, string? spool, string? postgres, string? named)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "The places are Linux'.");
        File.WriteAllText(Path.Combine(folder.FullName, "file"), "x");
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        socket.Bind(new UnixDomainSocketEndPoint(Path.Combine(folder.FullName, "socket")));
        string[] before = ["file", "socket"];

        var faults = new StorageOptionsValidator().Validate(null, new StorageOptions { Sqlite = Here(sqlite), Spool = spool is null ? null : Here(spool), Postgres = postgres }).Failures ?? [];

        Assert.Equal(named is null ? [] : [named], faults.Select(fault => fault.Split(' ', ':')[0]));
        Assert.Equal(before, folder.EnumerateFileSystemInfos().Select(left => left.Name).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Names_both_places_at_once() => Assert.Equal(
        ["Storage__Sqlite", "Storage__Spool"],
        new StorageOptionsValidator().Validate(null, new StorageOptions { Sqlite = "/proc/nope/x.db", Spool = "/proc/nope" }).Failures!.Select(fault => fault.Split(':')[0]));

    public void Dispose() => folder.Delete(recursive: true);

    private string Here(string path) => path is "" ? "" : Path.Combine(folder.FullName, path);
}
