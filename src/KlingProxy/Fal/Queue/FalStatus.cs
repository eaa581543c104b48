using System.Text.Json;

using KlingProxy.Fal.Calls;

namespace KlingProxy.Fal.Queue;

/// <summary>What fal says about a request it has. There is no failed state: <see cref="Ended"/> only means "no longer running".</summary>
internal abstract record FalStatus
{
    private const long MaxPosition = 1_000_000_000;

    /// <summary>All that the model has printed until now, as far as fal told.</summary>
    public IReadOnlyList<FalLogLine> Logs { get; init; } = [];

    public sealed record Queued(long? Position) : FalStatus;

    public sealed record Running : FalStatus;

    public sealed record Ended : FalStatus;

    /// <summary>404: fal does not know the request, or no longer.</summary>
    public sealed record Missing : FalStatus;

    /// <summary>A word we do not know, or no answer worth the name: nothing follows from it.</summary>
    public sealed record Unclear(string Reason) : FalStatus;

    /// <summary>Jobs ahead of it, as far as it is a number that could be one.</summary>
    public static long? PositionIn(JsonElement json) => json.Whole("queue_position") is >= 0 and <= MaxPosition and var position ? position : null;

    public static FalStatus Read(JsonElement json)
    {
        FalStatus status = json.Text("status") switch
        {
            "IN_QUEUE" => new Queued(PositionIn(json)),
            "IN_PROGRESS" => new Running(),
            "COMPLETED" => new Ended(),
            "NOT_FOUND" => new Missing(),
            null => new Unclear("no status in the reply"),
            _ => new Unclear("an unknown status word"),
        };
        return status with { Logs = FalLogLine.Read(json.Property("logs")) };
    }
}
