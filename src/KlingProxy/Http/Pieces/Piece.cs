using System.Buffers;

namespace KlingProxy.Http.Pieces;

/// <summary>
/// Room for one piece of whatever passes through in pieces: bodies, images, films. Lent and given back, so that what is of any length takes two or three of
/// them, and leaves no garbage.
/// </summary>
internal sealed class Piece : IMemoryOwner<byte>
{
    /// <summary>In bytes.</summary>
    public const int Size = 64 * 1024;

    /// <summary>Of those that nobody uses, 2 MiB: what is beyond was a rush, and is let go.</summary>
    private const int MaxKept = 32;

    private static readonly Lock Gate = new();
    private static readonly Stack<byte[]> Kept = new(MaxKept);

    private byte[]? room = Take();

    /// <summary><see cref="Size"/> bytes, and in them what the last borrower left.</summary>
    public byte[] Bytes => room ?? throw new ObjectDisposedException(nameof(Piece));

    public Memory<byte> Memory => Bytes;

    public void Dispose()
    {
        if (Interlocked.Exchange(ref room, null) is not { } free)
            return;
        lock (Gate)
        {
            if (Kept.Count < MaxKept)
                Kept.Push(free);
        }
    }

    // Pinned for its life, since sockets write into it: it is never moved, and no collection has to go around it.
    private static byte[] Take()
    {
        lock (Gate)
        {
            if (Kept.TryPop(out var free))
                return free;
        }
        return GC.AllocateUninitializedArray<byte>(Size, pinned: true);
    }
}
