using System.Text.Json.Nodes;

using KlingProxy.Sandbox.Media;

namespace KlingProxy.Sandbox.Queue;

/// <summary>What a finished job has to say: the result call shows it and the webhook carries it.</summary>
/// <param name="Reason">Says in words why the job never came to an answer of its own; with <paramref name="ErrorType"/>.</param>
internal sealed record ResultReply(int Status, JsonObject Body, decimal? Units = null, string? ErrorType = null, string? Reason = null)
{
    public static ResultReply Video(Film film, decimal seconds) => new(200, new JsonObject
    {
        ["video"] = new JsonObject
        {
            ["url"] = film.Url.AbsoluteUri,
            ["content_type"] = "video/mp4",
            ["file_name"] = Film.FileName,
            ["file_size"] = film.Length,
        },
    }, seconds);

    public static ResultReply Refusal(IEnumerable<JsonObject> errors) => new(422, ModelError.Detail(errors), Units: 0);

    public static ResultReply TimedOut() => Infrastructure(504, "Request timed out", "request_timeout");

    public static ResultReply Cancelled() => Infrastructure(499, "Request was cancelled by the client", "client_cancelled");

    private static ResultReply Infrastructure(int status, string reason, string errorType) =>
        new(status, new JsonObject { ["detail"] = reason, ["error_type"] = errorType }, null, errorType, reason);
}
