namespace KlingProxy.Tests.Fixtures;

/// <summary>Bytes that say in which pieces they were asked for, and given.</summary>
public sealed class Counted : MemoryStream
{
    public Counted(byte[] bytes)
    {
        base.Write(bytes, 0, bytes.Length);
        Position = 0;
    }

    /// <summary>What each read gave, in bytes.</summary>
    public List<int> Reads { get; } = [];

    /// <summary>How much each read had room for, in bytes.</summary>
    public List<int> Rooms { get; } = [];

    /// <summary>What each write took, in bytes.</summary>
    public List<int> Writes { get; } = [];

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var read = await base.ReadAsync(buffer, cancellationToken);
        Rooms.Add(buffer.Length);
        Reads.Add(read);
        return read;
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        Writes.Add(buffer.Length);
        return base.WriteAsync(buffer, cancellationToken);
    }
}
