using KlingProxy.Jobs;
using KlingProxy.Storage.Stores;

namespace KlingProxy.Storage.Live;

/// <summary>A job as its row holds it, read from its document when it is first asked for: of most moves nobody asks. Then always the same one.</summary>
internal sealed class LiveJob(string document)
{
    private readonly Lazy<Job> job = new(() => JobDocument.Parse(document));
    private volatile bool isNamed;

    /// <summary>Characters of its document.</summary>
    public long Weight { get; } = document.Length;

    public Job Job => job.Value;

    /// <summary>Its caller has used its name, and nothing can take that back while this is remembered.</summary>
    public bool IsNamed
    {
        get => isNamed;
        set => isNamed = value;
    }
}
