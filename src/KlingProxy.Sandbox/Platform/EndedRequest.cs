using System.Text.Json.Nodes;

using KlingProxy.Sandbox.Queue;

namespace KlingProxy.Sandbox.Platform;

/// <summary>A job that is over, as the Platform API lists it.</summary>
internal sealed record EndedRequest(Job Job, ResultReply Answer, DateTimeOffset Sent, DateTimeOffset Started, DateTimeOffset Ended)
{
    public TimeSpan Duration => Ended - Sent;

    // The three words are documented, their borders are not.
    public string Status => Answer.Status switch { < 400 => "success", < 500 => "user_error", _ => "error" };

    /// <summary>Only for a job that is over.</summary>
    public static async Task<EndedRequest> Of(Job job)
    {
        var life = job.Timeline;
        var over = life.Over!.Value;
        var started = life.Starts < over ? life.Starts.Value : over; // fal's schema has no null for a request that never started
        var answer = await job.AnswerTo(((Progress.Ended)life.At(over)).How);
        return new(job, answer, job.OnWall(life.Accepted), job.OnWall(started), job.OnWall(over));
    }

    public JsonObject Json(bool withPayloads)
    {
        var item = new JsonObject
        {
            ["request_id"] = Job.RequestId,
            ["endpoint_id"] = Job.Endpoint.Id,
            ["started_at"] = Text(Started),
            ["sent_at"] = Text(Sent),
            ["ended_at"] = Text(Ended),
            ["status_code"] = Answer.Status,
            ["duration"] = Duration.TotalSeconds,
        };
        if (!withPayloads) return item;

        item["json_input"] = Job.Input.Json.Length == 0 ? null : JsonNode.Parse(Job.Input.Json);
        item["json_output"] = Answer.Body.DeepClone();
        return item;
    }

    // Whole seconds, as documented: a request can seem to have been sent before whoever sent it began to.
    private static string Text(DateTimeOffset instant) => instant.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'");
}
