using KlingProxy.Http.Docs;
using KlingProxy.Http.Wire;
using KlingProxy.Jobs.Canceling;
using KlingProxy.Jobs.Reading;

namespace KlingProxy.Jobs.Docs;

/// <summary>What the API description says of the routes of jobs beyond their types: parameters, headers, answers.</summary>
internal static class JobApiDocs
{
    private static readonly ApiParameter
        Id = ApiParameter.Path("id", "The job's id.", "^job_[0-9a-f]{32}$"),
        Prefer = ApiParameter.Header("Prefer", "`wait=n` waits up to n seconds, at most 60, for the job to end (RFC 7240)."),
        Range = ApiParameter.Header("Range", "One range of bytes, such as `bytes=0-1023`; more than one is ignored.", "^bytes=");

    private static readonly object[] Bytes =
    [
        Id, Range, RetryAfter(409),
        ApiParameter.Header("If-Range", "The ETag of the film of which you hold a part: where this is another one, all of it is sent."),
        ApiParameter.Header("If-None-Match", "The ETag of the film that you have."),
        new ApiResponse(304, "You have it."),
        new ApiResponseHeader("ETag", "Strong: the film of a job never changes.", 200, 206, 304),
        new ApiResponseHeader("Accept-Ranges", "Always `bytes`.", 200, 206),
        new ApiResponseHeader("Content-Range", "Which bytes these are, of how many; with 416, how many there are.", 206, 416),
        new ApiResponseHeader("Content-Disposition", "`inline`, with a file name.", 200, 206),
    ];

    public static readonly object[]
        Create =
        [
            ApiParameter.Header("Idempotency-Key", "A name of your own for this request, such as a UUID: sent again with the same body, it returns the same "
                + "job and spends nothing.", "^[!-~]{1,255}$"),
            Prefer,
            new ApiResponse(202, "Accepted. Follow `links.events`, or ask again after Retry-After.", JobExamples.Queued),
            new ApiResponse(200, "It has already ended, within `Prefer: wait` or because the request is a repeated one.", JobExamples.Completed),
            new ApiResponseHeader("Location", "Where the job is to be found.", 200, 202),
            new ApiResponseHeader("Idempotent-Replayed", "`true` when the Idempotency-Key was known and nothing new was begun.", 200, 202),
            ETag(200, 202), RetryAfter(202),
        ],
        List =
        [
            ApiParameter.Query(
                "status", $"Only jobs that stand there: one of {string.Join(", ", Enum.GetValues<JobStatus>().Select(status => $"`{status.Word}`"))}, or "
                    + "several of them, parted by commas or given each by itself.")
                with
            { Pattern = "^[a-z_]+(,[a-z_]+)*$" },
            ApiParameter.Query(
                "model", "Only jobs of this model. A page looks at 1,000 jobs at most: it may have few or none, and a `next_cursor` all the same."),
            .. TimeRange.Parameters,
            ApiParameter.Query("caller", "For operators: only jobs that this caller owns or pays for."),
            ApiParameter.Query("limit", "How many jobs a page has at most.") with { Min = 1, Max = JobPage.MaxLimit, Default = JobPage.DefaultLimit },
            ApiParameter.Query("cursor", "The `next_cursor` of the page before; opaque."),
            new ApiResponse(200, "A page of jobs.", new JobList([JobExamples.Completed], "NjM5MjExNTk0MDAwMDAwMDAwLmpvYl8zZjJhOWM0ZThi")),
        ],
        Attention =
        [
            ApiParameter.Query("limit", "How many jobs a page has at most.") with { Min = 1, Max = JobPage.MaxLimit, Default = JobPage.DefaultLimit },
            ApiParameter.Query("cursor", "The `next_cursor` of the page before; opaque."),
            new ApiResponse(200, "A page of what waits.", new OperatorJobList([JobExamples.Unconfirmed], null)),
        ],
        Resolve =
        [
            Id,
            new ApiExample("found-at-fal", "This is its request", """{ "request_id": "019fd35a-0000-7000-8000-000000000001" }"""),
            new ApiExample("never-reached-fal", "fal has nothing like it, and billed nothing", """{ "cost": "0" }"""),
            new ApiExample("billed-without-a-video", "fal billed it, and the video is lost", """{ "cost": "2.10" }"""),
            new ApiExample("seen", "It has ended, or is not here, and nothing is left to decide", """{ "acknowledge": true }"""),
            new ApiResponse(200, "The job as it stands now.", JobExamples.Unconfirmed with { Reason = null, Status = JobStatus.Failed.Word, Cost = "0.00" }),
        ],
        Get =
        [
            Id, Prefer,
            ApiParameter.Header("If-None-Match", "The ETag of the job that you have."),
            new ApiResponse(200, "The job as it stands.", JobExamples.Completed),
            new ApiResponse(304, "Nothing changed since."),
            ETag(200, 304), RetryAfter(200),
        ],
        Story = [Id, new ApiResponse(200, "The job, and what led to it.", JobExamples.Story)],
        Retry =
        [
            Id,
            ApiParameter.Header("Idempotency-Key", "For a further try of a job that was made once more before: a name of your own.", "^[!-~]{1,255}$"),
            new ApiResponse(202, "The new job.", JobExamples.Queued with { RetryOf = "job_5e3a48629f4d8c2b6a1e70539b1f0c7d" }),
            new ApiResponseHeader("Location", "Where the new job is to be found.", 202),
            new ApiResponseHeader("Idempotent-Replayed", "`true` when it was made before and nothing new was begun.", 202),
            ETag(202), RetryAfter(202),
        ],
        Delete = [Id, new ApiResponse(204, "It is forgotten."), RetryAfter(409)],
        Cancel = [Id, new ApiResponse(202, "fal was asked. The status tells whether it is canceled.", JobExamples.Queued), ETag(202), RetryAfter(202)],
        Watch =
        [
            Id,
            ApiParameter.Query("after", "Only events with a higher sequence number, unless Last-Event-ID says which.") with { Min = 0 },
            ApiParameter.Header("Last-Event-ID", "Likewise, and wins over after; a browser's `EventSource` sends it by itself when it reconnects.", "^[0-9]+$"),
            new ApiResponse(200, "A stream that ends with the job; or, as JSON, what has happened so far.", JobExamples.Events),
            new ApiResponse(
                200, "Events named `job`, the event's sequence number as its id and a JobEvent as its data; between them `heartbeat`, the same without an id.",
                JobExamples.Stream) { MediaType = "text/event-stream" },
            new ApiResponse(204, "The job has ended, and every event was told: there is nothing to reconnect to."),
        ],
        Video =
        [
            .. Bytes,
            new ApiResponse(200, "The whole file.") { MediaType = "video/mp4" },
            new ApiResponse(206, "The bytes that were asked for.") { MediaType = "video/mp4" },
        ],
        VideoHead = [.. Bytes, new ApiResponse(200, "The file is there."), new ApiResponse(206, "The range is there.")];

    private static ApiResponseHeader ETag(params int[] on) => new("ETag", "Weak; changes with every event of the job.", on);

    private static ApiResponseHeader RetryAfter(int on) => new("Retry-After", "Seconds until it is worth asking again; absent once the job has ended.", on);
}
