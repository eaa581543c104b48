namespace KlingProxy.Jobs.Watching;

/// <summary>
/// Does what is due, one thing after the other, on the thread that asked first; what is asked for again meanwhile is asked for once. While nothing has to
/// wait it costs no task, no queue and no lock: there may be thousands of them.
/// </summary>
internal abstract class OneAtATime
{
    private const int AtWork = 1 << 30;

    /// <summary>What was asked for, as bits, and whether somebody is doing it.</summary>
    private int due;

    /// <param name="what">Bits, which only <see cref="Do"/> gives a meaning to.</param>
    protected void Ask(int what)
    {
        if ((Interlocked.Or(ref due, what | AtWork) & AtWork) == 0)
            _ = Work();
    }

    /// <param name="what">All that was asked for since the last time.</param>
    /// <returns>False: nothing is to be done ever again.</returns>
    protected abstract ValueTask<bool> Do(int what);

    /// <summary>Once, after the last: nothing is done any more, and nothing is being done.</summary>
    /// <param name="error">What nobody planned.</param>
    protected abstract void Over(Exception? error);

    private async Task Work()
    {
        try
        {
            while (!IsDone(out var what))
            {
                if (!await Do(what))
                {
                    Over(null); // and stays at work for ever
                    return;
                }
            }
        }
        catch (Exception error)
        {
            Over(error);
        }
    }

    /// <returns>Whether nothing is due; whoever asks next begins anew.</returns>
    private bool IsDone(out int what)
    {
        do
        {
            what = Interlocked.And(ref due, AtWork) & ~AtWork;
            if (what != 0)
                return false;
        }
        while (Interlocked.CompareExchange(ref due, 0, AtWork) != AtWork);
        return true;
    }
}
