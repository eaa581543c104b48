namespace KlingProxy.Secrets;

/// <summary>How often public keys are fetched.</summary>
/// <param name="Lifetime">After which a set is old, and the next who needs it fetches it anew.</param>
/// <param name="MinBetweenFetches">While a set is known: so that signatures of strangers, which no key fits, cannot make us ask at their pace.</param>
/// <param name="MinBetweenFailures">While none is known.</param>
internal sealed record RotationPace(TimeSpan Lifetime, TimeSpan MinBetweenFetches, TimeSpan MinBetweenFailures);

/// <summary>
/// Public keys of somebody who changes them without telling: kept for a while, fetched anew when none of them fits, once for all who wait, and the last
/// good set kept through an outage.
/// </summary>
/// <param name="fetch">Answers <c>null</c> when no set is to be had. It is asked for everybody who waits, so not with the patience of one of them.</param>
/// <param name="outage">Is told what a fetch in vain means.</param>
internal sealed class RotatingKeySet<TKeys>(RotationPace pace, TimeProvider time, Func<Task<TKeys?>> fetch, Action<string> outage)
    where TKeys : class
{
    private readonly Lock gate = new();
    private TKeys? known;
    private long knownSince;
    private long? lastFetch;
    private Task<TKeys?>? fetching;

    /// <returns><c>null</c> when none could ever be fetched.</returns>
    public Task<TKeys?> Current(CancellationToken cancel)
    {
        lock (gate)
        {
            // What is old serves on while somebody else fetches.
            var serves = known is not null && (time.GetElapsedTime(knownSince) < pace.Lifetime || fetching is not null);
            return serves ? Task.FromResult(known) : Fetched(cancel);
        }
    }

    /// <summary>For whom a set does not do: perhaps there is another by now.</summary>
    /// <returns>The same where there is not.</returns>
    public async Task<TKeys> NewerThan(TKeys unfit, CancellationToken cancel)
    {
        Task<TKeys?> newer;
        lock (gate)
            newer = known != unfit ? Task.FromResult(known) : Fetched(cancel);
        return await newer ?? unfit;
    }

    // Under the lock. Whoever comes while a fetch is under way waits for it and takes its outcome.
    private Task<TKeys?> Fetched(CancellationToken cancel)
    {
        if (fetching is null)
        {
            var now = time.GetTimestamp();
            if (lastFetch is { } last && time.GetElapsedTime(last, now) < (known is null ? pace.MinBetweenFailures : pace.MinBetweenFetches))
                return Task.FromResult(known);
            lastFetch = now;
            fetching = Task.Run(() => Fetch(now), CancellationToken.None);
        }
        return fetching.WaitAsync(cancel);
    }

    private async Task<TKeys?> Fetch(long now)
    {
        TKeys? fresh = null;
        try
        {
            fresh = await fetch();
            if (fresh is null)
                outage(known is null ? "none is known" : "the last good set stays in use");
        }
        finally
        {
            lock (gate)
            {
                (known, knownSince) = fresh is null ? (known, knownSince) : (fresh, now);
                fetching = null;
            }
        }
        return known;
    }
}
