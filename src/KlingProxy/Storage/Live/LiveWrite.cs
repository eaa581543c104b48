namespace KlingProxy.Storage.Live;

/// <summary>That a transaction has written a row which may be remembered.</summary>
/// <param name="rows">Of which table.</param>
internal abstract class LiveWrite(object rows, string key)
{
    public object Rows => rows;

    public string Key => key;

    /// <summary>Before the commit: from now on the database is asked.</summary>
    public abstract void Hold();

    /// <summary>After it, whatever came of it.</summary>
    /// <param name="isCommitted">False also where nobody knows.</param>
    public abstract void Release(bool isCommitted);
}

/// <summary>All that a transaction has written of what may be remembered, each row as it stands at the end.</summary>
internal sealed class LiveWrites
{
    private readonly Dictionary<(object Rows, string Key), LiveWrite> last = [];
    private bool isHeld;

    public void Add(LiveWrite write) => last[(write.Rows, write.Key)] = write;

    /// <summary>A later part of the same transaction.</summary>
    public void Add(LiveWrites later)
    {
        foreach (var write in later.last.Values)
            Add(write);
    }

    public void Hold()
    {
        foreach (var write in last.Values)
            write.Hold();
        isHeld = true;
    }

    /// <summary>Once, if they were held at all.</summary>
    public void Release(bool isCommitted)
    {
        if (!isHeld)
            return;
        isHeld = false;
        foreach (var write in last.Values)
            write.Release(isCommitted);
    }
}
