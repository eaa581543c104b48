using System.Buffers.Binary;
using System.Text;

namespace KlingProxy.Tests.EndToEnd;

public sealed class PublishedBinaryTests
{
    private const int Dynamic = 2, Needed = 1, StringTable = 5, RunPath = 29;

    /// <summary>What is not bound is looked for in dozens of places, by each name that it might have, while the service starts.</summary>
    [Fact]
    public void SQLite_is_bound_by_the_linker_to_the_file_beside_the_binary()
    {
        var binary = Environment.GetEnvironmentVariable("KLINGPROXY_BINARY");
        Assert.SkipUnless(binary is { Length: > 0 } && OperatingSystem.IsLinux(), "Only what is published for Linux is bound.");

        var (needed, path) = Bound(File.ReadAllBytes(binary!));

        Assert.Contains("libe_sqlite3.so", needed);
        Assert.Equal("$ORIGIN", path);
        Assert.True(File.Exists(Path.Combine(Path.GetDirectoryName(binary)!, "libe_sqlite3.so")));
    }

    // elf(5), 64 bits, little end first.
    private static (List<string> Needed, string? Path) Bound(ReadOnlySpan<byte> elf)
    {
        Assert.True(elf.StartsWith("\u007fELF"u8));
        var (headers, size, count) = ((int)Number(elf, 32), BinaryPrimitives.ReadUInt16LittleEndian(elf[54..]), BinaryPrimitives.ReadUInt16LittleEndian(elf[56..]));
        var segments = new List<(int Type, long Offset, long Address, long Length)>();
        for (var at = headers; at < headers + (size * count); at += size)
            segments.Add((BinaryPrimitives.ReadInt32LittleEndian(elf[at..]), Number(elf, at + 8), Number(elf, at + 16), Number(elf, at + 32)));

        var entries = new List<(long Tag, long Value)>();
        var table = segments.Single(segment => segment.Type == Dynamic);
        for (var at = (int)table.Offset; at < table.Offset + table.Length; at += 16)
            entries.Add((Number(elf, at), Number(elf, at + 8)));

        var strings = entries.Single(entry => entry.Tag == StringTable).Value;
        var holder = segments.First(segment => segment.Type == 1 && strings >= segment.Address && strings < segment.Address + segment.Length);
        var texts = elf[(int)(strings - holder.Address + holder.Offset)..];
        var (needed, path) = (new List<string>(), (string?)null);
        foreach (var (tag, value) in entries)
        {
            if (tag == Needed)
                needed.Add(Text(texts[(int)value..]));
            else if (tag == RunPath)
                path = Text(texts[(int)value..]);
        }
        return (needed, path);
    }

    private static string Text(ReadOnlySpan<byte> from) => Encoding.ASCII.GetString(from[..from.IndexOf((byte)0)]);

    private static long Number(ReadOnlySpan<byte> elf, int at) => BinaryPrimitives.ReadInt64LittleEndian(elf[at..]);
}
