using System.Text.Json;

using KlingProxy.Jobs.Canceling;
using KlingProxy.Jobs.Operating;
using KlingProxy.Jobs.Reading;
using KlingProxy.Orders;
using KlingProxy.Spending.Ledger;

namespace KlingProxy.Jobs.Docs;

/// <summary>Jobs as the API description shows them.</summary>
internal static class JobExamples
{
    private const string Id = "job_3f2a9c4e8b1d4f6a9e0c7b5d2a8f1e63", Address = "https://klingproxy.example.com/v1/jobs/" + Id;

    private const string Signed = "?expires=1785664800&signature=5b7e1c09d2f84a63b1c7e9d05f3a8426";

    private const string Key = "key_9b1f0c7d5e3a48629f4d8c2b6a1e7053", Request = "019fd35a-0000-7000-8000-000000000001";

    private static readonly DateOnly Day = new(2026, 8, 1);

    private static readonly DateTimeOffset CreatedAt = new(2026, 8, 1, 9, 30, 0, TimeSpan.Zero);

    private static readonly VideoView Video = new("https://v3b.fal.media/files/b/0a8f/output.mp4", "video/mp4", "output.mp4", 12_582_912);

    public static readonly JobView Queued = new(
        Id, JobStatus.Queued, OrderApiDocs.Model, JsonElement.Parse(OrderApiDocs.OnePrompt), CreatedAt, null, null, null, null, null, QueuePosition: 2,
        EstimatedCost: "2.10", Cost: null, CostIsEstimated: false, null, null, JsonElement.Parse("""{ "scene": "opening" }"""), [],
        new JobLinks(Address, $"{Address}/events{Signed}", null, $"{Address}/cancel"));

    public static readonly JobView Completed = Queued with
    {
        Status = JobStatus.Completed,
        StartedAt = CreatedAt.AddSeconds(12),
        EndedAt = CreatedAt.AddMinutes(4),
        QueuePosition = null,
        Cost = "2.10",
        Video = Video,
        Logs = [new("Rendering shot 1 of 1.", "2026-08-01T09:31:02.123456Z", "INFO")],
        Links = new JobLinks(Address, $"{Address}/events{Signed}", $"{Address}/video{Signed}", null),
    };

    public static readonly OperatorJobView Unconfirmed = new(
        Id, AttentionReason.Unconfirmed.Word, Key, JobStatus.Unconfirmed.Word, OrderApiDocs.Model,
        JsonElement.Parse(OrderApiDocs.OnePrompt), null, CreatedAt, CreatedAt,
        "2.10", null, null, null);

    public static readonly JobEventList Events = new(
        [
            new JobEventView(1, JobStatus.Submitting, null, CreatedAt, null, null, null),
            new JobEventView(2, JobStatus.Queued, 2, CreatedAt.AddSeconds(1), null, null, null),
            new JobEventView(3, JobStatus.InProgress, null, CreatedAt.AddSeconds(12), null, null, null),
            new JobEventView(4, JobStatus.Completed, null, CreatedAt.AddMinutes(4), Video, null, "2.10"),
        ],
        null);

    public static readonly StoryView Story = new(
        Completed with
        {
            Links = Completed.Links with { Cancel = null },
            Operator = new JobOwnerView(Key, Key, Request, "req_4d8c2b6a1e70539b1f0c7d5e3a48629f", null),
        },
        [.. Events.Data.Select(happened => new StoryEventView(happened.Sequence, happened.Status, happened.QueuePosition, happened.CreatedAt))],
        new StorySubmitView(0, CreatedAt, null, null, Day, null, null, null, null),
        [
            new LedgerEntryView(Id, null, Key, OrderApiDocs.Model, LedgerKind.Hold, "2.10", false, Day, CreatedAt),
            new LedgerEntryView(Id, Request, Key, OrderApiDocs.Model, LedgerKind.Release, "2.10", false, Day, CreatedAt.AddMinutes(4)),
            new LedgerEntryView(Id, Request, Key, OrderApiDocs.Model, LedgerKind.Settlement, "2.10", false, Day, CreatedAt.AddMinutes(4)),
        ],
        [], []);

    public const string Stream = """
        id: 3
        event: job
        data: {"sequence":3,"status":"in_progress","queue_position":null,"created_at":"2026-08-01T09:30:12.000Z"}

        id: 4
        event: job
        data: {"sequence":4,"status":"completed","queue_position":null,"created_at":"2026-08-01T09:34:00.000Z","video":{"url":"https://v3b.fal.media/files/b/0a8f/output.mp4","content_type":"video/mp4","file_name":"output.mp4","file_size":12582912},"cost":"2.10"}


        """;
}
