using System.Text.Json;

using KlingProxy.Fal.Queue;
using KlingProxy.Ids;
using KlingProxy.Jobs;
using KlingProxy.Storage.Stores;

namespace KlingProxy.Tests.Storage;

/// <summary>A database that was written before is opened after: what a row holds of a job is read as it was meant, and written as it was.</summary>
public sealed class JobDocumentTests
{
    private static readonly DateTimeOffset At = new(2026, 8, 1, 12, 0, 0, 123, TimeSpan.Zero);

    private static readonly Job Everything = new()
    {
        Id = new JobId("job_1"),
        CallerId = new CallerId("tkt_1"),
        PayerId = new CallerId("key_1"),
        Model = "fal-ai/kling-video/o3/4k/image-to-video",
        Input = JsonElement.Parse("""{"image_url":"https://a.b/c.png","prompt":"Petals fall."}"""),
        Metadata = JsonElement.Parse("""{"scene":"opening"}"""),
        Seconds = 5,
        UnitPrice = 0.42m,
        EstimatedCost = 2.10m,
        Terms = new JobTerms(true, TimeSpan.FromMinutes(5), TimeSpan.FromDays(7)),
        CreatedAt = At,
        CountsOn = new DateOnly(2026, 8, 2),
        CreatedBy = "req_1",
        Status = JobStatus.Failed,
        DispatchedAt = At,
        UnsentAttempts = 2,
        WaitingFor = WaitingFor.Budget,
        NextAttemptAt = At,
        RequestId = new FalRequestId("019fd35a-0000-7000-8000-000000000001"),
        QueuePosition = 3,
        StartedAt = At,
        FinalizingAt = At,
        EndedAt = At,
        CancelRequestedAt = At,
        CancelAnswer = FalCancellation.Dropped,
        Logs = [new FalLogLine("Started.", "2026-08-01T12:00:00Z", "INFO")],
        Video = new FalVideo("https://v3b.fal.media/a.mp4", "video/mp4", "a.mp4", 4),
        Error = new JobError("model-rejected", "fal refused the input.", "Too small.", [new("/input/image_url", "image_too_small", "Too small.")]),
        Cost = 1.26m,
        CostIsEstimated = true,
        BilledUnits = "3.1",
        EndIsDisputed = true,
        DisputedAt = At,
        NeedsAttention = true,
        Version = 9,
    };

    // Written by the version before ids had types. Never edited: a text that is not read any more needs a migration.
    private const string Written =
        """
        {"id":"job_1","caller_id":"tkt_1","payer_id":"key_1","model":"fal-ai/kling-video/o3/4k/image-to-video","input":{"image_url":"https://a.b/c.png","prompt":"Petals fall."},"metadata":{"scene":"opening"},"seconds":5,"unit_price":0.42,"estimated_cost":2.10,"terms":{"low_priority":true,"start_timeout":"00:05:00","keep_files_for":"7.00:00:00"},"created_at":"2026-08-01T12:00:00.123+00:00","counts_on":"2026-08-02","created_by":"req_1","status":"failed","dispatched_at":"2026-08-01T12:00:00.123+00:00","unsent_attempts":2,"waiting_for":2,"next_attempt_at":"2026-08-01T12:00:00.123+00:00","request_id":"019fd35a-0000-7000-8000-000000000001","queue_position":3,"started_at":"2026-08-01T12:00:00.123+00:00","finalizing_at":"2026-08-01T12:00:00.123+00:00","ended_at":"2026-08-01T12:00:00.123+00:00","cancel_requested_at":"2026-08-01T12:00:00.123+00:00","cancel_answer":"Dropped","logs":[{"message":"Started.","timestamp":"2026-08-01T12:00:00Z","level":"INFO"}],"video":{"url":"https://v3b.fal.media/a.mp4","content_type":"video/mp4","file_name":"a.mp4","file_size":4},"error":{"code":"model-rejected","title":"fal refused the input.","detail":"Too small.","errors":[{"pointer":"/input/image_url","code":"image_too_small","detail":"Too small."}]},"cost":1.26,"cost_is_estimated":true,"billed_units":"3.1","end_is_disputed":true,"disputed_at":"2026-08-01T12:00:00.123+00:00","needs_attention":true,"version":9,"has_ended":true,"is_unsent":false,"end_is_declared":false}
        """;

    [Fact]
    public void Writes_what_it_has_always_written() => Assert.Equal(Written, JobDocument.Text(Everything));

    [Fact]
    public void Reads_what_it_has_always_written() => Assert.Equal(Written, JobDocument.Text(JobDocument.Parse(Written)));

    [Fact]
    public void Reads_a_job_of_which_little_is_known() => Assert.Equal(
        ("job_1", "key_1", "key_1", JobStatus.Submitting, default(FalRequestId?)),
        JobDocument.Parse("""
            {"id":"job_1","caller_id":"key_1","model":"m","input":{},"seconds":5,"unit_price":0.42,"estimated_cost":2.1,"created_at":"2026-08-01T12:00:00+00:00","status":"submitting"}
            """) is var job ? (job.Id.Value, job.CallerId.Value, job.PayerId.Value, job.Status, job.RequestId) : default);
}
