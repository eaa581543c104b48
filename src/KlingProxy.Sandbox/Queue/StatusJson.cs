using System.Text.Json.Nodes;

namespace KlingProxy.Sandbox.Queue;

/// <summary>A job's status as fal words it; <see cref="Of"/> is used by submit, status and stream.</summary>
internal static class StatusJson
{
    /// <param name="logs">Null unless the caller asked for logs.</param>
    public static async Task<JsonObject> Of(Job job, Progress progress, Uri origin, JsonArray? logs)
    {
        var status = new JsonObject { ["status"] = progress.Word, ["request_id"] = job.RequestId };
        if (progress is Progress.Queued queued) status["queue_position"] = queued.Position;
        if (progress is not Progress.Queued) status["logs"] = logs;
        if (progress is Progress.Ended { How: var ending })
        {
            var answer = await job.AnswerTo(ending);
            status["metrics"] = ending is Ending.Finished ? new JsonObject { ["inference_time"] = job.Timeline.Run.TotalSeconds } : [];
            if (answer.ErrorType is not null) (status["error"], status["error_type"]) = (answer.Reason, answer.ErrorType);
        }

        return AddUrls(status, job, origin);
    }

    public static JsonObject OfSubmit(Job job, Progress progress, Uri origin) => AddUrls(new JsonObject
    {
        ["status"] = "IN_QUEUE",
        ["request_id"] = job.RequestId,
        ["queue_position"] = (progress as Progress.Queued)?.Position ?? 0,
        ["logs"] = null,
        ["metrics"] = new JsonObject(),
    }, job, origin);

    private static JsonObject AddUrls(JsonObject status, Job job, Uri origin)
    {
        var response = new Uri(origin, $"/{job.Endpoint.App}/requests/{job.RequestId}").AbsoluteUri;
        status["response_url"] = response;
        status["status_url"] = $"{response}/status";
        status["cancel_url"] = $"{response}/cancel";
        return status;
    }
}
