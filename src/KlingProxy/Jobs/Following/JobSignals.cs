using System.Collections.Concurrent;
using System.Threading.Channels;

using KlingProxy.Ids;

namespace KlingProxy.Jobs.Following;

/// <summary>"Something changed, look": carries no content, may be lost without harm, wakes whoever waits for a job.</summary>
internal sealed class JobSignals(TimeProvider time)
{
    private readonly ConcurrentDictionary<JobId, Watch[]> watches = new();

    public void Changed(JobId jobId)
    {
        if (watches.TryGetValue(jobId, out var watching))
            foreach (var watch in watching)
                watch.Wake();
    }

    /// <summary>Subscribe first and read the store second, or a change could slip between the two.</summary>
    public Watch On(JobId jobId)
    {
        var watch = new Watch(this, jobId, time);
        watches.AddOrUpdate(jobId, _ => [watch], (_, others) => [.. others, watch]);
        return watch;
    }

    private void Forget(Watch watch)
    {
        while (watches.TryGetValue(watch.JobId, out var watching))
        {
            Watch[] rest = [.. watching.Where(other => other != watch)];
            if (rest.Length == 0
                ? watches.TryRemove(KeyValuePair.Create(watch.JobId, watching))
                : watches.TryUpdate(watch.JobId, rest, watching))
                return;
        }
    }

    public sealed class Watch(JobSignals signals, JobId jobId, TimeProvider time) : IDisposable
    {
        // One pending wake-up says all there is to say.
        private readonly Channel<bool> wakes = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

        public JobId JobId => jobId;

        public void Wake() => wakes.Writer.TryWrite(true);

        /// <summary>Returns at the next change, or when the time is up.</summary>
        public async Task Next(TimeSpan atMost, CancellationToken cancel)
        {
            using var timeout = new CancellationTokenSource(atMost, time);
            using var linked = CancellationTokenSource.CreateLinkedTokenSource(cancel, timeout.Token);
            try
            {
                await wakes.Reader.ReadAsync(linked.Token);
            }
            catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
            {
                // Time is up.
            }
        }

        public void Dispose() => signals.Forget(this);
    }
}
