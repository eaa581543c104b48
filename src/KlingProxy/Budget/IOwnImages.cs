namespace KlingProxy.Budget;

/// <summary>What an order needs to know of uploads: which addresses are the caller's own, whatever their host.</summary>
internal interface IOwnImages
{
    Task<IReadOnlySet<string>> Among(string callerId, IReadOnlyList<string> urls, CancellationToken cancel);
}
