using System.Text.Json.Nodes;

using KlingProxy.Sandbox.Media;

namespace KlingProxy.Sandbox.Queue;

/// <summary>A submitted job: constant but for a cancellation, its film and the answers still owed to a fault.</summary>
internal sealed class Job(
    string requestId, SandboxEndpoint endpoint, JobInput input, string? webhook, SandboxFault? fault, Timeline timeline,
    (DateTimeOffset Accepted, Func<TimeSpan, TimeSpan> Span) wall) : IDisposable
{
    private readonly Lock gate = new();
    private readonly CancellationTokenSource cancelled = new();
    private Timeline timeline = timeline;
    private int gatewayTimeouts = fault is SandboxFault.Result504Thrice ? 3 : 0;

    public string RequestId => requestId;
    public SandboxEndpoint Endpoint => endpoint;
    public JobInput Input => input;
    public string? Webhook => webhook;
    public SandboxFault? Fault => fault;

    /// <summary>Why the model refuses; empty when it makes a video.</summary>
    public required IReadOnlyList<JsonObject> Errors { get; init; }

    public Timeline Timeline => Volatile.Read(ref timeline);

    public CancellationToken Cancelled => cancelled.Token;

    /// <summary>Set once the job runs; a finished job waits for it.</summary>
    public TaskCompletionSource<Film?> Film { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Set after the first webhook attempt, or when there will be none.</summary>
    public TaskCompletionSource FirstDelivery { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Ends when nothing more will happen: the job is over and its webhook delivered or given up.</summary>
    public Task Settled { get; set; } = Task.CompletedTask;

    /// <summary>Where the job stood when the cancellation came; an ended job stays as it is.</summary>
    public Progress Cancel(DateTimeOffset now)
    {
        Progress before;
        lock (gate)
        {
            before = timeline.At(now);
            if (before is not Progress.Ended) timeline = timeline with { Cancelled = now };
        }

        if (before is not Progress.Ended) cancelled.Cancel();
        return before;
    }

    /// <summary>An instant of this job's life as the wall would date it: by a clock that runs faster more happens in the same time.</summary>
    public DateTimeOffset OnWall(DateTimeOffset instant) => wall.Accepted + wall.Span(instant - Timeline.Accepted);

    /// <summary>When it ended, as the wall would date it; null while it goes on.</summary>
    public DateTimeOffset? EndedBy(DateTimeOffset now) => Timeline is var life && life.At(now) is Progress.Ended ? OnWall(life.Over!.Value) : null;

    public async Task<ResultReply> AnswerTo(Ending ending) => ending switch
    {
        Ending.TimedOut => ResultReply.TimedOut(),
        Ending.CancelledInQueue or Ending.CancelledRunning => ResultReply.Cancelled(),
        _ when Errors.Count > 0 => ResultReply.Refusal(Errors),
        _ => await Film.Task is { } film ? ResultReply.Video(film, Units) : ResultReply.TimedOut(), // no film only while the sandbox closes
    };

    public SandboxBill BillAt(DateTimeOffset now, bool billsCancelledRuns) => Timeline.At(now) switch
    {
        Progress.Ended { How: Ending.Finished } when Errors.Count == 0 => endpoint.BillFor(input, Units),
        Progress.Ended { How: Ending.CancelledRunning } when billsCancelledRuns => endpoint.BillFor(input, input.Seconds),
        _ => SandboxBill.Nothing,
    };

    private decimal Units => input.Seconds + fault switch { SandboxFault.BillsMore => 3, SandboxFault.BillsAFrameMore => 0.01m, _ => 0 };

    public bool OwesGatewayTimeout() => Interlocked.Decrement(ref gatewayTimeouts) >= 0;

    /// <summary>What the model printed until now.</summary>
    public IEnumerable<JsonObject> LogsAt(DateTimeOffset now)
    {
        var life = Timeline;
        if (life.Starts is not { } starts) yield break;

        (TimeSpan After, string Message)[] lines =
            [(TimeSpan.Zero, "Sandbox: generation started"), (life.Run / 2, "Sandbox: 50%"), (life.Run, "Sandbox: done")];
        foreach (var (at, message) in lines.Select(line => (starts + line.After, line.Message)))
        {
            if (at > now || at > life.Cancelled) yield break;
            yield return new JsonObject
            {
                ["message"] = message,
                ["timestamp"] = OnWall(at).UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'"),
                ["level"] = "INFO",
                ["source"] = "USER",
            };
        }
    }

    public void Dispose() => cancelled.Dispose();
}
