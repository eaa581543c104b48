using System.Net;

using KlingProxy.Fal.Queue;
using KlingProxy.Ids;

namespace KlingProxy.Fal.Calls;

/// <summary>What a reply means. Pure, so that every case is a row of a table.</summary>
internal static class FalReading
{
    public static FalSubmission Submission(FalReply reply)
    {
        var json = JsonReading.TryParse(reply.Body);
        if (reply.IsSuccess)
        {
            return json.Text("request_id") is { } id && IsRequestId(id)
                ? new FalSubmission.Queued(new FalRequestId(id), FalStatus.PositionIn(json))
                : new FalSubmission.Unanswered("the reply named no request");
        }
        return reply.Status switch
        {
            HttpStatusCode.Unauthorized => new FalSubmission.KeyRefused(),
            HttpStatusCode.PaymentRequired => new FalSubmission.BalanceEmpty(),
            HttpStatusCode.Forbidden => SaysLocked(json.Text("detail")) ? new FalSubmission.BalanceEmpty() : new FalSubmission.KeyRefused(),
            // A request id means that a job may have been made before the refusal.
            HttpStatusCode.TooManyRequests or HttpStatusCode.ServiceUnavailable when reply.RequestId is null && json.Text("request_id") is null =>
                new FalSubmission.NotNow(reply.Failure),
            HttpStatusCode.RequestTimeout or (HttpStatusCode)499 => new FalSubmission.Unanswered(reply.Failure),
            >= HttpStatusCode.BadRequest and < HttpStatusCode.InternalServerError and not HttpStatusCode.TooManyRequests =>
                new FalSubmission.Rejected(FalError.Read((int)reply.Status, reply.Body, reply.ErrorType)),
            _ => new FalSubmission.Unanswered(reply.Failure),
        };
    }

    public static FalStatus Status(FalReply reply) => reply.Status switch
    {
        HttpStatusCode.NotFound => new FalStatus.Missing(),
        _ when reply.IsSuccess => FalStatus.Read(JsonReading.TryParse(reply.Body)),
        _ => new FalStatus.Unclear(reply.Failure),
    };

    public static FalResult Result(FalReply reply)
    {
        var units = FalUnits.Read(reply.BillableUnits);
        if (reply.IsSuccess)
        {
            var json = JsonReading.TryParse(reply.Body);
            return FalVideo.Read(json) is { } video ? new FalResult.Output(video, units) : new FalResult.Unavailable("the result holds no video");
        }

        var error = FalError.Read((int)reply.Status, reply.Body, reply.ErrorType) with { IsOfStartDeadline = reply.TimeoutType == "user" };
        return reply.Status switch
        {
            HttpStatusCode.BadRequest when error.Message.Contains("still in progress", StringComparison.OrdinalIgnoreCase) => new FalResult.StillRunning(),
            HttpStatusCode.NotFound => new FalResult.Missing(),
            HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden or HttpStatusCode.TooManyRequests or HttpStatusCode.RequestTimeout =>
                new FalResult.Unavailable(reply.Failure),
            // Only what names its type is the job's own; a page of some gateway's, or a refusal of our account, says nothing about it.
            >= HttpStatusCode.BadRequest when error.Type is not null => new FalResult.Refused(error, units),
            HttpStatusCode.UnprocessableEntity when JsonReading.TryParse(reply.Body).Text("detail") is not null => new FalResult.Refused(error, units),
            _ => new FalResult.Unavailable(reply.Failure),
        };
    }

    public static FalCancellation Cancellation(FalReply reply) => reply.Status switch
    {
        _ when reply.IsSuccess => JsonReading.TryParse(reply.Body).Text("status") == "OK" ? FalCancellation.Dropped : FalCancellation.Requested,
        HttpStatusCode.BadRequest => FalCancellation.AlreadyCompleted,
        HttpStatusCode.NotFound => FalCancellation.Missing,
        _ => FalCancellation.Unavailable,
    };

    /// <summary>Request ids go into paths; fal's are UUIDs, so anything beyond these characters is not one of fal's.</summary>
    public static bool IsRequestId(string id) =>
        id.Length is > 0 and <= 128 && id.All(character => char.IsAsciiLetterOrDigit(character) || character is '-' or '_');

    private static bool SaysLocked(string? detail) =>
        detail is not null && (detail.Contains("locked", StringComparison.OrdinalIgnoreCase) || detail.Contains("balance", StringComparison.OrdinalIgnoreCase));
}
