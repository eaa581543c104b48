using System.Globalization;
using System.Text.Json.Nodes;

using KlingProxy.Http.Problems;
using KlingProxy.Ids;
using KlingProxy.Jobs;

namespace KlingProxy.FalCompat.Queue;

/// <summary>How a job ended, as fal's result call tells it: the model's output, or the status and body of its failure.</summary>
internal static class CompatResult
{
    /// <summary>Statuses on which one client or the other sends a POST again (docs/fal-contract.md §5.3). For a run that would be a second video.</summary>
    private static readonly int[] AskForRepetition = [408, 409, 429, 502, 503, 504];

    /// <param name="job">One that has ended.</param>
    public static IResult Of(Job job) => RefusalOf(job) ?? Ended(job);

    /// <summary>
    /// Where fal never took the job, why; in its own words where it said what is wrong with the input. <c>null</c> when there is something to follow.
    /// </summary>
    public static IResult? RefusalOf(Job job)
    {
        if (JobProblems.RefusalOf(job) is not { } refusal)
            return null;
        if (job.Error is not { Upstream: { Status: 422, Fields.Count: > 0 } upstream } error)
            return refusal.Answer();
        var answer = Refused(upstream.Status, error, job.Id);
        answer.Body["code"] = error.Code;
        return answer;
    }

    /// <summary>The same where a repeated call would make another video: no status may ask for one.</summary>
    public static IResult OfRun(Job job) => RefusalOf(job) is { } refusal ? refusal
        : Ended(job) is var answer && AskForRepetition.Contains(answer.Status) && !answer.Headers.ContainsKey(CompatResponse.TimeoutType)
            ? answer.As(StatusCodes.Status500InternalServerError)
        : answer;

    /// <summary>What went wrong outside the model, which a status tells already. A model's own refusal is only in the result, as at fal.</summary>
    public static (string Reason, string Type)? Failure(Job job) => job switch
    {
        { Status: JobStatus.Canceled } => ("Request was cancelled by the client", "client_cancelled"),
        { Status: JobStatus.Expired } => ("Request timed out", "request_timeout"),
        { Status: JobStatus.Failed, Error.Upstream.Fields.Count: > 0 } => null,
        { Status: JobStatus.Failed, Error: { } error } => (error.Title, error.Upstream?.Type ?? "internal_error"),
        _ => null,
    };

    private static CompatResponse Ended(Job job)
    {
        var answer = job switch
        {
            { Status: JobStatus.Completed, Video: { } video } => new CompatResponse(200, new JsonObject
            {
                ["video"] = new JsonObject
                {
                    ["url"] = video.Url,
                    ["content_type"] = video.ContentType,
                    ["file_name"] = video.FileName,
                    ["file_size"] = video.FileSize
                },
            }, job.Id),
            { Error: { Upstream: { Fields.Count: > 0 } upstream } error } => Refused(upstream.Status, error, job.Id),
            { Error: { Upstream.Status: 422, Detail: { } detail } error } => new CompatResponse(422, Sentence(detail, $"{error.Title} {detail}"), job.Id),
            _ => Broken(job),
        };
        if (job is { Cost: { } cost, CostIsEstimated: false, UnitPrice: > 0 })
            answer.Headers[CompatResponse.BillableUnits] = (cost / job.UnitPrice).ToString("0.########", CultureInfo.InvariantCulture);
        return answer;
    }

    private static CompatResponse Refused(int status, JobError error, JobId jobId)
    {
        var (list, words) = (new JsonArray(), new List<string>());
        foreach (var field in error.Upstream!.Fields)
        {
            var item = new JsonObject { ["loc"] = CompatFieldError.Location(field.Location), ["msg"] = field.Message, ["type"] = field.Type };
            if (field.Help is not null)
                item["url"] = field.Help;
            if (field.Categories is { Count: > 0 } categories)
                item["categories"] = new JsonArray([.. categories.Select(category => (JsonNode)category)]);
            if (field.Context is { } context)
                item["ctx"] = JsonNode.Parse(context.GetRawText());
            list.Add((JsonNode)item);
            words.Add(CompatFieldError.Sentence(field.Location, field.Message));
        }
        return new CompatResponse(Known(status), new JsonObject { ["detail"] = list, ["message"] = CompatFieldError.Message(error.Title, words) }, jobId);
    }

    private static CompatResponse Broken(Job job)
    {
        var (reason, type) = Failure(job) ?? ("The job ended without a video.", "internal_error");
        var status = job.Status switch
        {
            JobStatus.Canceled => StatusCodes.Status499ClientClosedRequest,
            JobStatus.Expired => StatusCodes.Status504GatewayTimeout,
            _ => Known(job.Error?.Upstream?.Status ?? 0),
        };
        var body = Sentence(reason, reason);
        body["error_type"] = type;
        var answer = new CompatResponse(status, body, job.Id) { Headers = { [CompatResponse.ErrorType] = type } };
        if (job.Status == JobStatus.Expired)
            answer.Headers[CompatResponse.TimeoutType] = "user"; // its start deadline passed: no client tries that again
        return answer;
    }

    public static JsonObject Sentence(string detail, string message) => new() { ["detail"] = detail, ["message"] = message };

    private static int Known(int status) => status is >= 400 and <= 599 ? status : StatusCodes.Status500InternalServerError;
}
