namespace KlingProxy.Storage;

internal sealed class TempOwn : Budget.IOwnImages
{
    public Task<IReadOnlySet<string>> Among(string callerId, IReadOnlyList<string> urls, CancellationToken cancel) => Task.FromResult<IReadOnlySet<string>>(new HashSet<string>());
}
