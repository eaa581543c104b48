namespace KlingProxy.Storage.Live;

/// <summary>
/// Rows of one table, as they stand in the database, by their key. What is not there is asked of the database, and absence is never remembered.
/// <code>
/// reader  Find: kept? else reads the database ........ keeps what it read, unless the row was written meanwhile
/// writer          Hold (forgets the row)  COMMIT  Release (keeps the new row)
/// another replica               its COMMIT  Drop, when we hear of it
/// </code>
/// While a row is held everybody reads the database, which has the old row or the new one; once it is released, and so before its writer is told that it
/// is written, nobody sees the old one again.
/// </summary>
/// <param name="trust">Whether what is kept may be believed.</param>
/// <param name="capacity">In the unit of <paramref name="weigh"/>; about twice as much may be there for a while.</param>
internal sealed class LiveRows<T>(LiveTrust trust, long capacity, Func<T, long> weigh) where T : class
{
    private const int Stripes = 16;

    private readonly Stripe[] stripes = [.. Enumerable.Range(0, Stripes).Select(_ => new Stripe(capacity / Stripes, weigh))];

    /// <param name="read">Reads the row from what is committed; <c>null</c> where there is none.</param>
    public async ValueTask<T?> Find(string key, Func<Task<T?>> read)
    {
        if (!trust.Holds)
            return await read();
        var stripe = Of(key);
        if (stripe.Get(key) is { } kept)
            return kept;

        var moment = stripe.Now;
        var row = await read();
        if (row is not null)
            stripe.Keep(key, row, moment);
        return row;
    }

    /// <summary>What is kept, if anything is.</summary>
    public T? Kept(string key) => trust.Holds ? Of(key).Get(key) : null;

    /// <summary>Somebody else has written it.</summary>
    public void Drop(string key) => Of(key).Drop(key);

    public void DropAll()
    {
        foreach (var stripe in stripes)
            stripe.DropAll();
    }

    /// <summary>That a transaction has written a row.</summary>
    /// <param name="row">As it stands then; <c>null</c> where it is gone, or is better read again.</param>
    public LiveWrite Write(string key, T? row) => new RowWrite(this, key, row);

    private Stripe Of(string key) => stripes[(uint)string.GetHashCode(key, StringComparison.Ordinal) % Stripes];

    private sealed class RowWrite(LiveRows<T> rows, string key, T? row) : LiveWrite(rows, key)
    {
        private long drops;

        public override void Hold() => drops = rows.Of(Key).Hold(Key);

        public override void Release(bool isCommitted) => rows.Of(Key).Release(Key, isCommitted ? row : null, drops);
    }

    /// <summary>Where in the life of a stripe a reader began.</summary>
    /// <param name="Drops">By others.</param>
    /// <param name="Releases">By ourselves.</param>
    private readonly record struct Moment(long Drops, long Releases, int Held);

    // Two generations: what is asked for moves to the younger; when that is full the older goes, with all that nobody asked for since.
    private sealed class Stripe(long capacity, Func<T, long> weigh)
    {
        private readonly Lock gate = new();
        private Dictionary<string, T> young = new(StringComparer.Ordinal), old = new(StringComparer.Ordinal);
        private long weight;
        private Moment now;

        public Moment Now
        {
            get
            {
                lock (gate)
                    return now;
            }
        }

        public T? Get(string key)
        {
            lock (gate)
            {
                if (young.TryGetValue(key, out var kept))
                    return kept;
                if (old.Remove(key, out kept))
                    Put(key, kept);
                return kept;
            }
        }

        public void Keep(string key, T row, Moment since)
        {
            lock (gate)
                if (since == now && now.Held == 0)
                    Put(key, row);
        }

        public long Hold(string key)
        {
            lock (gate)
            {
                Remove(key);
                now = now with { Held = now.Held + 1 };
                return now.Drops;
            }
        }

        // What another wrote between our commit and this is newer than ours, whichever row it was.
        public void Release(string key, T? row, long drops)
        {
            lock (gate)
            {
                if (row is not null && now.Drops == drops)
                    Put(key, row);
                now = now with { Held = now.Held - 1, Releases = now.Releases + 1 };
            }
        }

        public void Drop(string key)
        {
            lock (gate)
            {
                Remove(key);
                now = now with { Drops = now.Drops + 1 };
            }
        }

        public void DropAll()
        {
            lock (gate)
            {
                young.Clear();
                old.Clear();
                (weight, now) = (0, now with { Drops = now.Drops + 1 });
            }
        }

        private void Put(string key, T row)
        {
            Remove(key);
            if (weight >= capacity)
                (old, young, weight) = (young, new(StringComparer.Ordinal), 0);
            young[key] = row;
            weight += weigh(row);
        }

        private void Remove(string key)
        {
            if (young.Remove(key, out var gone))
                weight -= weigh(gone);
            old.Remove(key);
        }
    }
}
