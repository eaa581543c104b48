namespace KlingProxy.Http.Pieces;

/// <summary>
/// In what pieces the server takes the bytes of one connection from its socket, or gives them to it. Its own are of 4 KiB, and each costs its share of a call
/// of the kernel, or two: ten megabytes take 5,000. They are small because every connection has them; so they are large (<see cref="Piece"/>) only while a
/// body is read that has one of the few places for large ones, or a film is sent. A feature of the connection.
/// </summary>
internal sealed class PieceSize
{
    private static readonly PieceSize Always = new() { largeBodies = 1 };

    /// <summary>The server's pool is asked by connections that it does not know; so whoever asks for one carries it along.</summary>
    private static readonly AsyncLocal<PieceSize?> Asking = new();

    private int largeBodies;

    /// <summary>Whether whoever asks for room now gets a <see cref="Piece"/>.</summary>
    public static bool IsLarge => Asking.Value is { IsEnlarged: true };

    /// <summary>Some large body is being read.</summary>
    public bool IsEnlarged => Volatile.Read(ref largeBodies) > 0;

    /// <summary>Whatever begins to receive from here on, receives for a connection of its own.</summary>
    public static PieceSize OfNextConnection() => Asking.Value = new PieceSize();

    /// <summary>What the method that calls this sends from here on goes out in large pieces.</summary>
    public static void SendLarge() => Asking.Value = Always;

    /// <summary>From here on the connection is received from in large pieces.</summary>
    /// <returns>Disposed when the body is over.</returns>
    public IDisposable Enlarge() => new LargeBody(this);

    private sealed class LargeBody : IDisposable
    {
        private readonly PieceSize pieces;
        private int over;

        public LargeBody(PieceSize pieces)
        {
            this.pieces = pieces;
            Interlocked.Increment(ref pieces.largeBodies);
        }

        public void Dispose()
        {
            if (Interlocked.Exchange(ref over, 1) == 0)
                Interlocked.Decrement(ref pieces.largeBodies);
        }
    }
}
