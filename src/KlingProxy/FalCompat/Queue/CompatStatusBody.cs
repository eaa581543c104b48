using System.Text.Json.Nodes;

using KlingProxy.Jobs;

namespace KlingProxy.FalCompat.Queue;

/// <summary>
/// A job in fal's three words (docs/fal-contract.md §2.4). fal knows no failure here: whatever ended is COMPLETED, and the result tells how. Python's client
/// insists on <c>queue_position</c> with the first word and on <c>logs</c> with the others.
/// </summary>
internal static class CompatStatusBody
{
    public static string Word(JobStatus status) => status switch
    {
        JobStatus.Submitting or JobStatus.Unconfirmed or JobStatus.Queued => "IN_QUEUE",
        JobStatus.InProgress or JobStatus.Finalizing => "IN_PROGRESS", // finalizing: fal is done, we do not know how yet
        _ => "COMPLETED",
    };

    /// <param name="withLogs">Whether the client asked for logs; otherwise they are null, as at fal.</param>
    /// <param name="told">Lines that the client has already: a stream tells only what is new.</param>
    public static JsonObject Of(Job job, bool withLogs, int told = 0)
    {
        var word = Word(job.Status);
        var body = new JsonObject { ["status"] = word, ["request_id"] = job.Id.Value };
        if (word == "IN_QUEUE")
            body["queue_position"] = Math.Max(0, job.QueuePosition ?? 0);
        else
            body["logs"] = withLogs ? Logs(job, told) : null;

        if (word == "COMPLETED")
        {
            body["metrics"] = Metrics(job);
            if (CompatResult.Failure(job) is { } failure)
                (body["error"], body["error_type"]) = (failure.Reason, failure.Type);
        }
        return body;
    }

    public static int LinesOf(Job job) => job.Logs?.Count ?? 0;

    private static JsonArray Logs(Job job, int told)
    {
        var lines = new JsonArray();
        foreach (var line in (job.Logs ?? []).Skip(told))
            lines.Add((JsonNode)new JsonObject { ["message"] = line.Message, ["timestamp"] = line.Timestamp, ["level"] = line.Level, ["source"] = "USER" });
        return lines;
    }

    private static JsonObject Metrics(Job job) => job is { Status: JobStatus.Completed, StartedAt: { } started, EndedAt: { } ended }
        ? new JsonObject { ["inference_time"] = Math.Round(((job.FinalizingAt ?? ended) - started).TotalSeconds, 3) }
        : [];
}
