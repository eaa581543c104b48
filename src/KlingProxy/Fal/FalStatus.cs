using System.Text.Json;

namespace KlingProxy.Fal;

/// <summary>What fal says about a request it has. There is no failed state: <see cref="Ended"/> only means "no longer running".</summary>
internal abstract record FalStatus
{
    /// <summary>All that the model has printed until now, as far as fal told.</summary>
    public IReadOnlyList<FalLogLine> Logs { get; init; } = [];

    public sealed record Queued(long? Position) : FalStatus;

    public sealed record Running : FalStatus;

    public sealed record Ended : FalStatus;

    /// <summary>404: fal does not know the request, or no longer.</summary>
    public sealed record Missing : FalStatus;

    /// <summary>A word we do not know, or no answer worth the name: nothing follows from it.</summary>
    public sealed record Unclear(string Reason) : FalStatus;

    /// <param name="key">Struck out of the logs.</param>
    public static FalStatus Read(JsonElement json, string key = "")
    {
        FalStatus status = json.Text("status") switch
        {
            "IN_QUEUE" => new Queued(json.Whole("queue_position")),
            "IN_PROGRESS" => new Running(),
            "COMPLETED" => new Ended(),
            "NOT_FOUND" => new Missing(),
            null => new Unclear("no status in the reply"),
            _ => new Unclear("an unknown status word"),
        };
        return status with { Logs = FalLogLine.Read(json.Property("logs"), key) };
    }
}
