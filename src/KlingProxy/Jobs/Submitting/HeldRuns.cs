using KlingProxy.Ids;

namespace KlingProxy.Jobs.Submitting;

/// <summary>How many runs wait for one job at a time. Behind a front that does not pass on a hang-up these are all attempts of one client.</summary>
internal sealed class HeldRuns
{
    private readonly Lock gate = new();
    private readonly Dictionary<JobId, (int Now, int Max)> held = [];

    public int Of(JobId jobId)
    {
        lock (gate)
            return held.GetValueOrDefault(jobId).Now;
    }

    public void Join(JobId jobId)
    {
        lock (gate)
        {
            var (now, max) = held.GetValueOrDefault(jobId);
            held[jobId] = (now + 1, Math.Max(max, now + 1));
        }
    }

    /// <returns>How many they have been at most since there was one.</returns>
    public int Leave(JobId jobId)
    {
        lock (gate)
        {
            var (now, max) = held[jobId];
            if (now == 1)
                held.Remove(jobId);
            else
                held[jobId] = (now - 1, max);
            return max;
        }
    }
}
