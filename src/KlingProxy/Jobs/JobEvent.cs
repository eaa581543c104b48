namespace KlingProxy.Jobs;

/// <summary>One thing that happened to a job. Sequence numbers start at 1 and have no gaps.</summary>
internal sealed record JobEvent(long Sequence, JobStatus Status, long? QueuePosition, DateTimeOffset At);
