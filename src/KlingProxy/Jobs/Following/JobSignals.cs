using System.Collections.Concurrent;
using System.Threading.Channels;

using KlingProxy.Ids;

namespace KlingProxy.Jobs.Following;

/// <summary>"Something changed, look": carries no content, may be lost without harm, wakes whoever follows a job.</summary>
internal sealed class JobSignals(TimeProvider time)
{
    private readonly ConcurrentDictionary<JobId, Listener[]> listeners = new();

    public void Changed(JobId jobId)
    {
        if (listeners.TryGetValue(jobId, out var listening))
            foreach (var listener in listening)
                listener.Wake();
    }

    /// <summary>Subscribe first and read the store second, or a change could slip between the two.</summary>
    /// <param name="wake">Must not wait for anything: whoever made the change calls it.</param>
    /// <returns>Ends it.</returns>
    public IDisposable On(JobId jobId, Action wake) => Add(new Listener(this, jobId, wake));

    /// <summary>The same for one who waits for the next change, or for a time.</summary>
    public Watch On(JobId jobId) => new(this, jobId, time);

    private Listener Add(Listener listener)
    {
        listeners.AddOrUpdate(listener.JobId, _ => [listener], (_, others) => [.. others, listener]);
        return listener;
    }

    private void Forget(Listener listener)
    {
        while (listeners.TryGetValue(listener.JobId, out var listening))
        {
            Listener[] rest = [.. listening.Where(other => other != listener)];
            if (rest.Length == 0
                ? listeners.TryRemove(KeyValuePair.Create(listener.JobId, listening))
                : listeners.TryUpdate(listener.JobId, rest, listening))
                return;
        }
    }

    private sealed class Listener(JobSignals signals, JobId jobId, Action wake) : IDisposable
    {
        public JobId JobId => jobId;

        public void Wake() => wake();

        public void Dispose() => signals.Forget(this);
    }

    public sealed class Watch : IDisposable
    {
        // One pending wake-up says all there is to say.
        private readonly Channel<bool> wakes = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
        private readonly TimeProvider time;
        private readonly IDisposable listening;

        public Watch(JobSignals signals, JobId jobId, TimeProvider time) =>
            (this.time, listening) = (time, signals.On(jobId, () => wakes.Writer.TryWrite(true)));

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

        public void Dispose() => listening.Dispose();
    }
}
