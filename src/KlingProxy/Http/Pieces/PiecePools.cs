using System.Buffers;

using Microsoft.AspNetCore.Connections;

namespace KlingProxy.Http.Pieces;

/// <summary>The server's own pools, but for whoever receives or sends in large pieces.</summary>
internal sealed class PiecePools(IMemoryPoolFactory<byte> pools) : IMemoryPoolFactory<byte>
{
    public MemoryPool<byte> Create(MemoryPoolOptions? options = null) => new PiecePool(pools.Create(options));

    private sealed class PiecePool(MemoryPool<byte> small) : MemoryPool<byte>
    {
        /// <summary>What may be asked for; what is given may be larger.</summary>
        public override int MaxBufferSize => PieceSize.IsLarge ? Piece.Size : small.MaxBufferSize;

        public override IMemoryOwner<byte> Rent(int minBufferSize = -1) => PieceSize.IsLarge ? new Piece() : small.Rent(minBufferSize);

        protected override void Dispose(bool disposing)
        {
            if (disposing)
                small.Dispose();
        }
    }
}
