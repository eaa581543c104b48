using System.Collections.Concurrent;

using KlingProxy.Models;

namespace KlingProxy.FalCompat;

/// <summary>What targets mean. Whoever waits for a request asks by the same target again and again, so those of a status are remembered.</summary>
internal sealed class KnownTargets(ModelCatalog catalog)
{
    /// <summary>A stranger may invent names of requests: then all are forgotten, and read again.</summary>
    private const int Max = 4096;

    /// <summary>In characters. Those of clients have half of it, with the signature of a link; a stranger's may have eight times as many.</summary>
    private const int MaxLength = 512;

    private readonly ConcurrentDictionary<string, CompatOperation> known = new(StringComparer.Ordinal);

    /// <returns><c>null</c> for everything that is not one of ours to answer.</returns>
    public CompatOperation? Read(string target)
    {
        if (known.TryGetValue(target, out var operation))
            return operation;
        var read = CompatOperation.Parse(target, catalog);
        if (read is CompatOperation.Status && target.Length <= MaxLength)
        {
            if (known.Count >= Max)
                known.Clear();
            known[target] = read;
        }
        return read;
    }
}
