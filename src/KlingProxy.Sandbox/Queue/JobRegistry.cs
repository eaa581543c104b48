using System.Collections.Concurrent;

namespace KlingProxy.Sandbox.Queue;

/// <summary>Every job of this sandbox, in order of acceptance.</summary>
internal sealed class JobRegistry : IDisposable
{
    private readonly ConcurrentDictionary<string, Job> jobs = new(StringComparer.Ordinal);
    private readonly ConcurrentQueue<Job> byAge = new();

    public IEnumerable<Job> All => byAge;

    public void Add(Job job)
    {
        jobs[job.RequestId] = job;
        byAge.Enqueue(job);
    }

    public Job? Find(string? requestId) => requestId is null ? null : jobs.GetValueOrDefault(requestId);

    public int CountQueued(DateTimeOffset now) => byAge.Count(job => job.Timeline.At(now) is Progress.Queued);

    public void Dispose()
    {
        foreach (var job in byAge) job.Dispose();
    }
}
