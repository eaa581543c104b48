namespace KlingProxy.Sandbox.Queue;

internal enum Ending { Finished, TimedOut, CancelledInQueue, CancelledRunning }

/// <summary>Where a job stands; there is no failed state, as at fal.</summary>
internal abstract record Progress
{
    public sealed record Queued(int Position) : Progress;
    public sealed record Running : Progress;
    public sealed record Ended(Ending How) : Progress;

    public string Word => this switch { Queued => "IN_QUEUE", Running => "IN_PROGRESS", _ => "COMPLETED" };
}

/// <summary>The whole life of a job as a pure function of the time: nothing needs to tick for it to move on.</summary>
internal sealed record Timeline(DateTimeOffset Accepted, TimeSpan Queue, TimeSpan Run, int Ahead)
{
    public bool Stalls { get; init; }
    public bool Regresses { get; init; }
    public TimeSpan? StartLimit { get; init; }
    public DateTimeOffset? Cancelled { get; init; }

    private bool TimesOut => StartLimit is { } limit && (Stalls || Queue > limit);

    public DateTimeOffset? Starts => TimesOut || Stalls ? null : Accepted + Queue;

    public DateTimeOffset? Ends => TimesOut ? Accepted + StartLimit : Starts + Run;

    /// <summary>When the job is over, cancelled or not; null while nothing will end it.</summary>
    public DateTimeOffset? Over => Cancelled ?? Ends;

    public Progress At(DateTimeOffset now) => Cancelled is { } cancelled && now >= cancelled
        ? new Progress.Ended(Undisturbed(cancelled) is Progress.Running ? Ending.CancelledRunning : Ending.CancelledInQueue)
        : Undisturbed(now);

    /// <summary>The next instant at which <see cref="At"/> answers differently, unless the job is cancelled first.</summary>
    public DateTimeOffset? NextChange(DateTimeOffset now) => Changes().Order().Cast<DateTimeOffset?>().FirstOrDefault(change => change > now);

    private Progress Undisturbed(DateTimeOffset now)
    {
        if (now >= Ends) return new Progress.Ended(TimesOut ? Ending.TimedOut : Ending.Finished);
        if (Stalls) return new Progress.Queued(Ahead);

        var waited = now - Accepted;
        if (waited < Queue) return new Progress.Queued(PositionAfter(waited));

        var ran = waited - Queue;
        return Regresses && ran >= Run / 3 && ran < Run * 2 / 3 ? new Progress.Queued(0) : new Progress.Running();
    }

    private int PositionAfter(TimeSpan waited) =>
        (int)(CeilingOf((Queue - waited).Ticks * (Ahead + 1), Queue.Ticks) - 1);

    private IEnumerable<DateTimeOffset> Changes()
    {
        if (Ends is { } ends) yield return ends;
        if (Starts is not { } starts) yield break;

        yield return starts;
        for (var step = 1; step <= Ahead; step++)
            yield return Accepted + TimeSpan.FromTicks(CeilingOf(Queue.Ticks * step, Ahead + 1));
        if (!Regresses) yield break;
        yield return starts + (Run / 3);
        yield return starts + (Run * 2 / 3);
    }

    private static long CeilingOf(long dividend, long divisor) => (dividend + divisor - 1) / divisor;
}
