using KlingProxy.Ids;
using KlingProxy.Jobs;
using KlingProxy.Spending.Ledger;
using KlingProxy.Tests.Storage.Contracts;

namespace KlingProxy.Tests.Jobs;

/// <summary>What an end means for the key, the ticket and the money: the one rule of giving back.</summary>
public sealed class JobEndingTests
{
    private static readonly DateTimeOffset Now = new(2026, 1, 1, 23, 59, 0, TimeSpan.Zero);
    private static readonly JobError Error = new("model-rejected", "No.", null, []);

    private static Job Waiting => JobStoreContract.NewJob() with { CreatedAt = Now };

    private static Job Sent => Waiting.Dispatched(Now)!;

    private static Job Lost => Sent.Unanswered()!;

    private static Job AtFal => Sent.Accepted(new FalRequestId("r"), 0)!.Stopped(Now)!;

    private static readonly Dictionary<string, (Job Before, Func<Job, Job?> Move, bool Key, bool Ticket, string Money)> Ends = new()
    {
        //  what happens                                                                                                  key    ticket  money
        ["refused by fal"] = (Sent, job => job.Refused(Error, Now), true, true, "release 2.10"),
        ["refused after being lost"] = (Lost, job => job.Refused(Error, Now), true, true, "release 2.10"),
        ["not sent in time"] = (Waiting, job => job.Overdue(JobErrors.Late, Now), true, true, "release 2.10"),
        ["canceled unsent"] = (Waiting, job => job.CanceledUnsent(Now), false, true, "release 2.10"),
        ["canceled, did not leave"] = (Sent.CancelRequested(Now)!, job => job.Unsent(Now), false, true, "release 2.10"),
        ["declared free"] = (Lost, job => job.Resolved(0, JobErrors.Resolved, Now), false, false, "release 2.10"),
        ["declared paid"] = (Lost, job => job.Resolved(1.26m, JobErrors.Resolved, Now), false, false, "release 2.10, settlement 1.26"),
        ["declared, at fal"] = (AtFal with { NeedsAttention = true }, job => job.Resolved(0, JobErrors.Resolved, Now), false, false, "release 2.10"),
        ["failed at fal for nothing"] = (AtFal, job => job.EndedWithout(JobStatus.Failed, Error, 0, Now), false, false, "release 2.10"),
        ["expired at fal"] = (AtFal, job => job.EndedWithout(JobStatus.Expired, Error, 0, Now), false, false, "release 2.10"),
        ["canceled at fal"] = (AtFal, job => job.EndedWithout(JobStatus.Canceled, null, null, Now), false, false, "release 2.10, settlement 2.10"),
        ["billed too much"] = (AtFal, job => job.EndedWithout(JobStatus.Failed, Error, 8, Now), false, false, "release 2.10, settlement 2.10"),
        ["delivered after all"] = (Lost.Resolved(0, JobErrors.Resolved, Now)!.Disputed(new FalRequestId("r"), Now)!, job => job.EndedWithout(JobStatus.Failed, Error, 3, Now), false, false, "correction 1.26"),
        ["disputed"] = (Lost.Resolved(0, JobErrors.Resolved, Now)!, job => job.Disputed(new FalRequestId("r"), Now), false, false, ""),
        ["not ended at all"] = (Sent, job => job.Unsent(Now), false, false, ""),
    };

    public static TheoryData<string> Names => [.. Ends.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void Gives_back_only_what_fal_provably_never_had(string what)
    {
        var (before, move, key, ticket, money) = Ends[what];

        var ending = JobEnding.Consequences(before, move(before)!);

        Assert.Equal((key, ticket, money), (ending.FreesKey, ending.FreesTicket, string.Join(", ", ending.Entries.Select(Words))));
        Assert.Null(ending.HoldCountsOn);
    }

    [Fact]
    public void Moves_the_hold_to_the_day_of_the_send() =>
        Assert.Equal(new DateOnly(2026, 1, 2), JobEnding.Consequences(Waiting, Waiting.Dispatched(Now.AddMinutes(2))!).HoldCountsOn);

    private static string Words(LedgerEntry entry) => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{entry.Kind.ToString().ToLowerInvariant()} {entry.Amount:0.00}");
}
