using System.Collections.Frozen;

using KlingProxy.Ids;

namespace KlingProxy.Orders;

/// <summary>What an order needs to know of uploads: which addresses are the caller's own, whatever their host.</summary>
internal interface IOwnImages
{
    /// <param name="callerId">Who orders.</param>
    /// <param name="payerId">Whose images they may use, too: a server may have stored what its page orders from.</param>
    /// <returns>Those of the addresses that are the caller's own, each with the address at which fal has the image.</returns>
    Task<IReadOnlyDictionary<string, string>> Among(CallerId callerId, CallerId payerId, IReadOnlyList<string> urls, CancellationToken cancel);
}

/// <summary>Where nobody keeps uploads, no address is anybody's own.</summary>
internal sealed class NoOwnImages : IOwnImages
{
    public Task<IReadOnlyDictionary<string, string>> Among(CallerId callerId, CallerId payerId, IReadOnlyList<string> urls, CancellationToken cancel) =>
        Task.FromResult<IReadOnlyDictionary<string, string>>(FrozenDictionary<string, string>.Empty);
}
