using System.Buffers;
using System.IO.Pipelines;

namespace KlingProxy.Jobs.Watching;

/// <summary>
/// One reader's connection on which a job is told of as it goes on. What is new is written by whoever brings it; while a slow reader's connection takes no
/// more, nothing is kept for it but that there is something to say, and when it takes more that is said as it stands then.
/// </summary>
internal abstract class LiveStream(PipeWriter to, CancellationToken hungUp) : OneAtATime, IJobSubscriber
{
    private const int News = 1, Beat = 2, End = 4, HangUp = 8;

    /// <summary>Of <see cref="round"/>: others are still to be told; and this one has ended with it.</summary>
    private const int BeingTold = 1, Ended = 2;

    private readonly TaskCompletionSource over = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private JobFeed? feed;
    private bool hasWritten;
    private int round;

    /// <summary>Its reader has gone.</summary>
    protected CancellationToken HungUp => hungUp;

    /// <summary>Until all is said, or nobody listens; then nothing is written any more.</summary>
    public async Task Served()
    {
        await using (hungUp.UnsafeRegister(static stream => ((LiveStream)stream!).Ask(HangUp), this))
            await over.Task;
    }

    public void Tell(JobFeed from)
    {
        feed = from;
        Interlocked.CompareExchange(ref round, BeingTold, 0);
        Ask(News);
    }

    public void Told()
    {
        if (Interlocked.Exchange(ref round, 0) == Ended)
            over.TrySetResult();
    }

    public void Stop() => Ask(End);

    /// <summary>Says that it still lives.</summary>
    public void KeepAlive() => Ask(Beat);

    /// <summary>Writes what its reader does not have yet.</summary>
    /// <returns>Whether there is more to come.</returns>
    protected abstract ValueTask<bool> SayNews(JobFeed from);

    /// <summary>Writes a sign of life.</summary>
    /// <param name="from"><c>null</c> where the store has not answered yet.</param>
    protected abstract void SayBeat(JobFeed? from);

    /// <summary>This process stops before all was said.</summary>
    protected abstract void SayEnd(JobFeed? from);

    protected void Write(ReadOnlySpan<byte> bytes)
    {
        to.Write(bytes);
        hasWritten = true;
    }

    protected override async ValueTask<bool> Do(int what)
    {
        if ((what & HangUp) != 0)
            return false;
        // A beat is also the time to say what the store did not tell when it was asked.
        var goesOn = feed is not { } from || (!from.IsGone && await SayNews(from));
        if (goesOn && (what & End) != 0)
            SayEnd(feed);
        else if (goesOn && (what & Beat) != 0)
            SayBeat(feed);
        goesOn &= (what & End) == 0;
        return await IsFlushed() && goesOn;
    }

    /// <returns>Whether there is still somebody to write to.</returns>
    private async ValueTask<bool> IsFlushed()
    {
        if (!hasWritten)
            return true;
        hasWritten = false;
        return await to.FlushAsync(hungUp) is { IsCompleted: false, IsCanceled: false };
    }

    protected override void Over(Exception? error)
    {
        if (error is not (null or OperationCanceledException or IOException) && !hungUp.IsCancellationRequested)
            over.TrySetException(error);
        else if (Interlocked.CompareExchange(ref round, Ended, BeingTold) != BeingTold)
            over.TrySetResult();
    }
}
