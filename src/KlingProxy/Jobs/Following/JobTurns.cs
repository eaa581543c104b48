using KlingProxy.Ids;

namespace KlingProxy.Jobs.Following;

/// <summary>Of all who are about to do the same for one job, one does it at a time: who comes next finds it done. Jobs do not wait for each other.</summary>
internal sealed class JobTurns
{
    private readonly Dictionary<JobId, Turn> turns = [];

    /// <summary>Of how many jobs somebody has the turn.</summary>
    public int Taken
    {
        get
        {
            lock (turns)
                return turns.Count;
        }
    }

    /// <summary>Waits for those who came before.</summary>
    /// <returns>Ends the turn.</returns>
    public async Task<IDisposable> Take(JobId jobId, CancellationToken cancel)
    {
        Turn turn;
        lock (turns)
        {
            if (!turns.TryGetValue(jobId, out turn!))
                turns[jobId] = turn = new Turn(this, jobId);
            turn.Wanted++;
        }
        try
        {
            await turn.Free.WaitAsync(cancel);
        }
        catch
        {
            Leave(turn);
            throw;
        }
        return turn;
    }

    private void Leave(Turn turn)
    {
        lock (turns)
            if (--turn.Wanted == 0)
                turns.Remove(turn.JobId);
    }

    private sealed class Turn(JobTurns turns, JobId jobId) : IDisposable
    {
        public JobId JobId => jobId;

        // Never disposed: it has no handle, since nobody waits for it but asynchronously.
        public SemaphoreSlim Free { get; } = new(1);

        /// <summary>By how many: who has it, and who waits.</summary>
        public int Wanted { get; set; }

        public void Dispose()
        {
            Free.Release();
            turns.Leave(this);
        }
    }
}
