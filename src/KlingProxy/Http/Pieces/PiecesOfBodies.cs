using Microsoft.AspNetCore.Connections;

namespace KlingProxy.Http.Pieces;

internal static class PiecesOfBodies
{
    /// <summary>Large bodies are received in large pieces. After the server itself has been added.</summary>
    public static void AddPieces(this IServiceCollection services)
    {
        var pools = services.Last(service => service.ServiceType == typeof(IMemoryPoolFactory<byte>)).ImplementationFactory!;
        services.AddSingleton<IMemoryPoolFactory<byte>>(provider => new PiecePools((IMemoryPoolFactory<byte>)pools(provider)));
        services.AddSingleton<IConnectionListenerFactory, PieceTransport>(); // the last that can bind an address does
    }
}
