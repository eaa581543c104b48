using System.Text.Json;

using KlingProxy.Fal.Calls;
using KlingProxy.Fal.Queue;
using KlingProxy.Ids;
using KlingProxy.Jobs;
using KlingProxy.Jobs.Canceling;
using KlingProxy.Spending.Ledger;
using KlingProxy.Tests.Fixtures;

namespace KlingProxy.Tests.Jobs;

public class JobMovesTests
{
    private static readonly DateTimeOffset Now = new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);
    private static readonly FalVideo Video = new("https://v3b.fal.media/files/b/x/output.mp4", "video/mp4", "output.mp4", 4);
    private static readonly JobError Error = new("model-rejected", "No.", null, []);

    private static readonly Dictionary<string, Func<Job, Job?>> Moves = new()
    {
        ["dispatched"] = job => job.Dispatched(Now),
        ["unsent"] = job => job.Unsent(Now),
        ["held back"] = job => job.HeldBack(WaitingFor.Fal, Now),
        ["overdue"] = job => job.Overdue(JobErrors.Late, Now),
        ["accepted"] = job => job.Accepted(new FalRequestId("another-id"), 3),
        ["refused"] = job => job.Refused(Error, Now),
        ["unanswered"] = job => job.Unanswered(),
        ["waiting"] = job => job.Waiting(7),
        ["running"] = job => job.Running(Now),
        ["stopped"] = job => job.Stopped(Now),
        ["completed"] = job => job.Completed(Video, 5, Now),
        ["failed"] = job => job.EndedWithout(JobStatus.Failed, Error, 0, Now),
        ["canceled"] = job => job.EndedWithout(JobStatus.Canceled, null, 0, Now),
        ["expired"] = job => job.EndedWithout(JobStatus.Expired, Error, 0, Now),
        ["canceled unsent"] = job => job.CanceledUnsent(Now),
        ["cancel requested"] = job => job.CancelRequested(Now),
        ["cancel passed on"] = job => job.CancelPassedOn(FalCancellation.Dropped, Now),
        ["runner told to stop"] = job => job.CancelPassedOn(FalCancellation.Requested, Now),
        ["cancel unanswered"] = job => job.CancelPassedOn(FalCancellation.Unavailable, Now),
        ["flagged"] = job => job.Flagged(),
        ["resolved"] = job => job.Resolved(0, Error, Now),
        ["disputed"] = job => job.Disputed(new FalRequestId("request-1"), Now),
        ["undisputed"] = job => job.Undisputed(),
        ["acknowledged"] = job => job.Acknowledged(),
    };

    private static readonly Dictionary<string, Job> States = new()
    {
        ["new"] = Given(JobStatus.Submitting) with { DispatchedAt = null, RequestId = null },
        ["unwanted"] = Given(JobStatus.Submitting) with { RequestId = null, CancelRequestedAt = Now },
        ["submitting"] = Given(JobStatus.Submitting) with { RequestId = null },
        ["unconfirmed"] = Given(JobStatus.Unconfirmed) with { RequestId = null },
        ["queued"] = Given(JobStatus.Queued),
        ["in_progress"] = Given(JobStatus.InProgress),
        ["finalizing"] = Given(JobStatus.Finalizing),
        ["in attention"] = Given(JobStatus.Finalizing) with { NeedsAttention = true },
        ["completed"] = Given(JobStatus.Completed),
        ["failed"] = Given(JobStatus.Failed),
        ["canceled"] = Given(JobStatus.Canceled),
        ["expired"] = Given(JobStatus.Expired),
        ["refused"] = Given(JobStatus.Failed) with { RequestId = null, Error = Error, Cost = 0 },
        ["never sent"] = Given(JobStatus.Expired) with { RequestId = null, Cost = 0 },
        ["declared"] = Given(JobStatus.Failed) with { RequestId = null, Error = JobErrors.Resolved, Cost = 0 },
        ["declared, at fal"] = Given(JobStatus.Failed) with { Error = JobErrors.Resolved, Cost = 1 },
        ["disputed"] = Given(JobStatus.Failed) with { Error = JobErrors.Resolved, Cost = 0, NeedsAttention = true, EndIsDisputed = true, DisputedAt = Now },
        ["billed more"] = Given(JobStatus.Completed) with { Cost = 2.10m, BilledUnits = "8", NeedsAttention = true },
    };

    /// <summary>Every legal move, and where it leads. What is not here means nothing in that state.</summary>
    private static readonly Dictionary<(string From, string Move), string> Legal = new()
    {
        [("new", "dispatched")] = "submitting",
        [("new", "unsent")] = "submitting",
        [("new", "held back")] = "submitting",
        [("new", "overdue")] = "expired",
        [("new", "accepted")] = "queued",
        [("new", "refused")] = "failed",
        [("new", "canceled unsent")] = "canceled",
        [("new", "cancel requested")] = "submitting",
        [("unwanted", "unsent")] = "canceled",
        [("unwanted", "accepted")] = "queued",
        [("unwanted", "refused")] = "failed",
        [("unwanted", "unanswered")] = "unconfirmed",
        [("submitting", "unsent")] = "submitting",
        [("submitting", "accepted")] = "queued",
        [("submitting", "refused")] = "failed",
        [("submitting", "unanswered")] = "unconfirmed",
        [("submitting", "cancel requested")] = "submitting",
        [("unconfirmed", "unsent")] = "submitting",
        [("unconfirmed", "accepted")] = "queued",
        [("unconfirmed", "refused")] = "failed",
        [("unconfirmed", "cancel requested")] = "unconfirmed",
        [("unconfirmed", "flagged")] = "unconfirmed",
        [("unconfirmed", "resolved")] = "failed",
        [("queued", "waiting")] = "queued",
        [("queued", "running")] = "in_progress",
        [("queued", "stopped")] = "finalizing",
        [("queued", "cancel requested")] = "queued",
        [("queued", "cancel passed on")] = "queued",
        [("queued", "runner told to stop")] = "in_progress",
        [("queued", "flagged")] = "queued",
        [("in_progress", "waiting")] = "queued",
        [("in_progress", "stopped")] = "finalizing",
        [("in_progress", "cancel requested")] = "in_progress",
        [("in_progress", "cancel passed on")] = "in_progress",
        [("in_progress", "runner told to stop")] = "in_progress",
        [("in_progress", "flagged")] = "in_progress",
        [("finalizing", "completed")] = "completed",
        [("finalizing", "failed")] = "failed",
        [("finalizing", "canceled")] = "canceled",
        [("finalizing", "expired")] = "expired",
        [("finalizing", "cancel requested")] = "finalizing",
        [("finalizing", "cancel passed on")] = "finalizing",
        [("finalizing", "runner told to stop")] = "finalizing",
        [("finalizing", "flagged")] = "finalizing",
        [("in attention", "completed")] = "completed",
        [("in attention", "failed")] = "failed",
        [("in attention", "canceled")] = "canceled",
        [("in attention", "expired")] = "expired",
        [("in attention", "cancel requested")] = "finalizing",
        [("in attention", "cancel passed on")] = "finalizing",
        [("in attention", "runner told to stop")] = "finalizing",
        [("in attention", "resolved")] = "failed",
        [("refused", "disputed")] = "failed",
        [("never sent", "disputed")] = "expired",
        [("declared", "disputed")] = "failed",
        [("declared, at fal", "disputed")] = "failed",
        [("disputed", "completed")] = "completed",
        [("disputed", "failed")] = "failed",
        [("disputed", "canceled")] = "canceled",
        [("disputed", "expired")] = "expired",
        [("disputed", "undisputed")] = "failed",
        [("disputed", "acknowledged")] = "failed",
        [("billed more", "acknowledged")] = "completed",
    };

    public static TheoryData<string, string> Every => [.. from state in States.Keys from move in Moves.Keys select (state, move)];

    [Theory]
    [MemberData(nameof(Every))]
    public void Moves_only_as_the_table_allows(string state, string move) =>
        Assert.Equal(Legal.GetValueOrDefault((state, move)), Moves[move](States[state])?.Status.Word);

    [Fact]
    public void Is_sent_only_once() => Assert.Null(States["submitting"].Dispatched(Now));

    [Fact]
    public void Needs_nobody_once_fal_has_it() =>
        Assert.False((States["unconfirmed"] with { NeedsAttention = true }).Accepted(new FalRequestId("request-2"), 0)!.NeedsAttention);

    [Fact]
    public void Is_canceled_at_fal_only_once() =>
        Assert.Null((States["queued"] with { CancelAnswer = FalCancellation.Missing }).CancelPassedOn(FalCancellation.Dropped, Now));

    public static TheoryData<string, bool, string?, bool, bool> Pending => new()
    {
        // state           asked  fal's answer  pending  known to be free
        { "queued",        false, null,      false,   false }, // somebody else canceled it, and it may have run
        { "queued",        true,  null,      true,    false },
        { "queued",        true,  "Dropped", false,   true },
        { "in_progress",   true,  null,      true,    false },
        { "finalizing",    true,  null,      true,    false },
        { "finalizing",    true,  "Missing", false,   false },
        { "unconfirmed",   true,  null,      false,   false },
        { "canceled",      true,  null,      false,   false },
    };

    [Theory]
    [MemberData(nameof(Pending))]
    public void Is_to_be_canceled_until_fal_has_answered(string state, bool asked, string? answer, bool pending, bool free)
    {
        var job = States[state] with { CancelRequestedAt = asked ? Now : null, CancelAnswer = answer is null ? null : Enum.Parse<FalCancellation>(answer) };

        Assert.Equal(pending, job.CancelIsPending);
        Assert.Equal(free ? 0 : null as decimal?, JobErrors.BilledUnits(new FalResult.Refused(new FalError(499, "client_cancelled", "", []), null), job));
    }

    [Fact]
    public void Keeps_the_request_that_it_was_given_first() => Assert.Null((States["unconfirmed"] with { RequestId = new FalRequestId("first") }).Accepted(new FalRequestId("second"), 0));

    [Theory]
    [InlineData("5", "2.10", false)]
    [InlineData("3.5", "1.47", false)]
    [InlineData("0", "0", false)]
    [InlineData(null, "2.10", true)]
    public void Costs_what_fal_billed_or_else_what_was_held(string? units, string cost, bool estimated)
    {
        var ended = States["finalizing"].Completed(Video, units is null ? null : decimal.Parse(units, System.Globalization.CultureInfo.InvariantCulture), Now)!;

        Assert.Equal(decimal.Parse(cost, System.Globalization.CultureInfo.InvariantCulture), ended.Cost);
        Assert.Equal(estimated, ended.CostIsEstimated);
    }

    [Theory]
    [MemberData(nameof(Every))]
    public void Releases_its_hold_exactly_when_it_ends(string state, string move)
    {
        var before = States[state];
        var after = Moves[move](before);
        var entries = after is null ? [] : JobLedger.Entries(before, after);

        Assert.Equal(!before.HasEnded && after is { HasEnded: true } ? 1 : 0, entries.Count(entry => entry.Kind == LedgerKind.Release && entry.Amount == before.EstimatedCost));
        Assert.Equal(!before.HasEnded && after?.Cost is > 0 ? 1 : 0, entries.Count(entry => entry.Kind == LedgerKind.Settlement && entry.Amount == after!.Cost));
        Assert.Equal(before.HasEnded && after?.Cost > before.Cost ? 1 : 0, entries.Count(entry => entry.Kind == LedgerKind.Correction && entry.Amount == after!.Cost - before.Cost));
    }

    [Theory]
    [InlineData("unconfirmed", "unconfirmed")]
    [InlineData("finalizing", "no-verdict")]
    [InlineData("disputed", "delivered-late")]
    [InlineData("billed more", "billed-more")]
    public void Says_why_it_waits_for_a_person(string state, string reason)
    {
        var job = States[state];

        Assert.Equal(reason, (job with { NeedsAttention = true }).Attention?.Word);
        Assert.Null((job with { NeedsAttention = false }).Attention);
    }

    [Fact]
    public void Counts_on_the_day_on_which_it_is_sent()
    {
        var tomorrow = States["new"].Dispatched(Now.AddHours(12))!;

        Assert.Equal((DateOnly.FromDateTime(Now.UtcDateTime), new DateOnly(2026, 1, 2)), (States["new"].CountsOn, tomorrow.CountsOn));
        Assert.Equal(new DateOnly(2026, 1, 2), tomorrow.Unsent(Now.AddDays(2))!.CountsOn);
        Assert.All(JobLedger.Entries(tomorrow, tomorrow.Refused(Error, Now.AddDays(2))!), entry => Assert.Equal(new DateOnly(2026, 1, 2), entry.Day));
    }

    [Fact]
    public void Is_corrected_to_what_fal_says_and_never_below_what_a_person_declared()
    {
        var (free, paid) = (States["disputed"], States["disputed"] with { Cost = 2.10m });

        Assert.Equal((1.26m, false, true, AttentionReason.DeliveredLate), free.Completed(Video, 3, Now) is { } late ? (late.Cost, late.EndIsDisputed, late.NeedsAttention, late.Attention) : default);
        Assert.Equal((null, Video), free.Completed(Video, 3, Now) is { } made ? (made.Error, made.Video) : default);
        Assert.Equal(2.10m, paid.Completed(Video, 3, Now)!.Cost);
        Assert.Empty(JobLedger.Entries(paid, paid.Completed(Video, 3, Now)!));
        Assert.Null(free.Completed(Video, 3, Now)!.Disputed(new FalRequestId("request-2"), Now)); // once is all
    }

    private static Job Given(JobStatus status) => new()
    {
        Id = new JobId("job_1"),
        CallerId = new CallerId("key_1"),
        Model = "fal-ai/kling-video/o3/4k/image-to-video",
        Input = JsonElement.Parse("{}"),
        Seconds = 5,
        UnitPrice = 0.42m,
        EstimatedCost = 2.10m,
        CreatedAt = Now,
        DispatchedAt = Now,
        RequestId = new FalRequestId("request-1"),
        Status = status,
    };
}
