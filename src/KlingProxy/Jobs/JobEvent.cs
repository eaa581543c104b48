namespace KlingProxy.Jobs;

/// <summary>One thing that happened to a job. Sequence numbers start at 1 and have no gaps.</summary>
internal sealed record JobEvent(long Sequence, JobStatus Status, long? QueuePosition, DateTimeOffset At)
{
    /// <summary>A move is worth an event when a caller could see it.</summary>
    public static bool IsWorth(Job before, Job after) =>
        before.Status != after.Status || before.QueuePosition != after.QueuePosition || before.CancelRequestedAt != after.CancelRequestedAt;
}
