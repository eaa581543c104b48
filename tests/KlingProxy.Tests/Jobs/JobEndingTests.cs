using KlingProxy.Fal.Queue;
using KlingProxy.Ids;
using KlingProxy.Jobs;
using KlingProxy.Spending.Ledger;
using KlingProxy.Tests.Storage.Contracts;

namespace KlingProxy.Tests.Jobs;

/// <summary>What an end means for the key, the ticket and the money: the one rule of giving back.</summary>
public sealed class JobEndingTests
{
    internal static readonly DateTimeOffset Now = new(2026, 1, 1, 23, 59, 0, TimeSpan.Zero);
    private static readonly JobError Error = new("model-rejected", "No.", null, []);

    internal static Job Waiting => JobStoreContract.NewJob() with { CreatedAt = Now };

    private static Job Sent => Waiting.Dispatched(Now)!;

    private static Job Lost => Sent.Unanswered()!;

    private static Job AtFal => Sent.Accepted(new FalRequestId("r"), 0)!.Stopped(Now)!;

    internal static readonly IReadOnlyDictionary<string, (Job Before, Func<Job, Job?> Move, bool Key, bool Ticket, string Money)> Ends = new Dictionary<string, (Job, Func<Job, Job?>, bool, bool, string)>
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
        ["declared paid, billed less"] = (Lost.Resolved(2.10m, JobErrors.Resolved, Now)!.Disputed(new FalRequestId("r"), Now)!, job => job.EndedWithout(JobStatus.Failed, Error, 3, Now), false, false, ""),
        ["canceled unsent, and at fal"] = (Waiting.CanceledUnsent(Now)!.Disputed(new FalRequestId("r"), Now)!, job => job.EndedWithout(JobStatus.Canceled, null, null, Now), false, false, "correction 2.10"),
        ["refused, and at fal"] = (Sent.Refused(Error, Now)!.Disputed(new FalRequestId("r"), Now)!, job => job.EndedWithout(JobStatus.Failed, Error, 3, Now), false, false, "correction 1.26"),
        ["not sent in time, and at fal"] = (Waiting.Overdue(JobErrors.Late, Now)!.Disputed(new FalRequestId("r"), Now)!, job => job.EndedWithout(JobStatus.Expired, Error, 0, Now), false, false, ""),
        ["disputed"] = (Lost.Resolved(0, JobErrors.Resolved, Now)!, job => job.Disputed(new FalRequestId("r"), Now), false, false, ""),
        ["not ended at all"] = (Sent, job => job.Unsent(Now), false, false, ""),
    };

    /// <summary>
    /// Every pair of statuses. A dot: no move leads there. Otherwise each thing that such a move can mean: the hold is (r)eleased, something is (s)ettled or
    /// (c)orrected, the (k)ey and the (t)icket are freed, the hold counts on another (d)ay, or nothing at all (-).
    /// </summary>
    private const string Table = """
        before \ after  submitting  unconfirmed  queued  in_progress  finalizing  completed  failed  canceled  expired
        submitting      -/d         -            -       .            .           .          r/rkt/rs  rt      rkt
        unconfirmed     -           -            -       .            .           .          r/rkt/rs  rt      .
        queued          .           .            -       -            -           .          r/rs    .         .
        in_progress     .           .            -       -            -           .          r/rs    .         .
        finalizing      .           .            .       .            -           r/rs       r/rs    r/rs      r/rs
        completed       .           .            .       .            .           -          .       .         .
        failed          .           .            .       .            .           -/c        -/c     -/c       -/c
        canceled        .           .            .       .            .           -/c        -/c     -/c       -/c
        expired         .           .            .       .            .           -/c        -/c     -/c       -/c
        """;

    public static TheoryData<string, string> Pairs => [.. from before in Enum.GetValues<JobStatus>() from after in Enum.GetValues<JobStatus>() select (before.Word, after.Word)];

    [Theory]
    [MemberData(nameof(Pairs))]
    public void Means_what_the_table_says(string before, string after)
    {
        var lines = Table.Split('\n').Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries)).ToList();
        var (row, column) = (lines.Find(line => line[0] == before), Array.IndexOf(lines[0], after) - 2); // the corner is three words
        Assert.True(row is not null && column > 0, $"The table does not say what {before} → {after} means.");

        var meanings = Seen.Value.GetValueOrDefault((before, after)) ?? ["."];

        Assert.Equal((before, after, row[column]), (before, after, string.Join('/', meanings)));
    }

    private static readonly Func<Job, Job?>[] Moves =
    [
        job => job.Dispatched(Now), job => job.Dispatched(Now.AddDays(1)), job => job.HeldBack(WaitingFor.Fal, Now), job => job.Overdue(JobErrors.Late, Now),
        job => job.Unsent(Now), job => job.Accepted(new FalRequestId("r"), 1), job => job.Refused(Error, Now), job => job.Unanswered(), job => job.Waiting(1), job => job.Running(Now),
        job => job.Stopped(Now), job => job.CanceledUnsent(Now), job => job.CancelRequested(Now), job => job.Flagged(), job => job.Disputed(new FalRequestId("r"), Now),
        job => job.Undisputed(), job => job.Acknowledged(), job => job.Resolved(0, JobErrors.Resolved, Now), job => job.Resolved(1.26m, JobErrors.Resolved, Now),
        .. Enum.GetValues<FalCancellation>().Select(answer => (Func<Job, Job?>)(job => job.CancelPassedOn(answer, Now))),
        .. from units in new FalUnits?[] { null, 0m, 3m, 8m }
           from end in new Func<Job, Job?>[]
           {
               job => job.Completed(new FalVideo("https://v3b.fal.media/a.mp4", null, null, null), units, Now), job => job.EndedWithout(JobStatus.Failed, Error, units, Now),
               job => job.EndedWithout(JobStatus.Canceled, null, units, Now), job => job.EndedWithout(JobStatus.Expired, Error, units, Now),
           }
           select end,
    ];

    // All that can ever become of a job: every move, in every state that some moves lead to. Whatever tells nothing about what a move means is evened out.
    internal static readonly Lazy<Dictionary<(string Before, string After), SortedSet<string>>> Seen = new(() =>
    {
        var seen = new Dictionary<(string, string), SortedSet<string>>();
        var (known, next) = (new HashSet<Job>(), new Queue<Job>([Waiting]));
        while (next.TryDequeue(out var before))
            foreach (var after in Moves.Select(move => move(before)).OfType<Job>())
            {
                if (!seen.TryGetValue((before.Status.Word, after.Status.Word), out var meanings))
                    seen.Add((before.Status.Word, after.Status.Word), meanings = new SortedSet<string>(StringComparer.Ordinal));
                meanings.Add(Letters(before, after));
                var even = after with { UnsentAttempts = 0, WaitingFor = null, NextAttemptAt = null, QueuePosition = null, StartedAt = null, FinalizingAt = null };
                if (known.Add(even))
                    next.Enqueue(even);
            }
        return seen;
    });

    private static object Shown(Job job) =>
        (job.Status, job.QueuePosition, job.CancelRequestedAt, job.EndedAt, (job.Cost, job.CostIsEstimated, job.Error?.Code, job.Error?.Title, job.Video?.Url));

    private static string Letters(Job before, Job after)
    {
        var ending = JobEnding.Consequences(before, after);
        Assert.Equal(after.HasEnded ? Now : null, ending.GraceFrom);
        Assert.Equal(!Shown(before).Equals(Shown(after)), ending.IsEvent); // or its ETag would be that of other money
        Assert.All(ending.Entries, entry => Assert.Equal(entry.Kind switch
        {
            LedgerKind.Release => before.EstimatedCost,
            LedgerKind.Settlement => after.Cost,
            _ => after.Cost - before.Cost,
        }, entry.Amount));
        Assert.All(ending.Entries, entry => Assert.InRange(entry.Amount, 0.000001m, before.EstimatedCost));
        var letters = string.Concat(ending.Entries.Select(entry => char.ToLowerInvariant(entry.Kind.ToString()[0])))
            + (ending.FreesKey ? "k" : "") + (ending.FreesTicket ? "t" : "") + (ending.HoldCountsOn is null ? "" : "d");
        return letters is "" ? "-" : letters;
    }

    [Theory]
    [InlineData("delivered after all")] // failed, and costs something now
    [InlineData("declared paid, billed less")]
    public void Tells_whoever_follows_that_an_end_was_corrected(string what)
    {
        var (before, move, _, _, _) = Ends[what];
        var after = move(before)!;

        Assert.Equal((before.Status, true), (after.Status, JobEnding.Consequences(before, after).IsEvent));
    }

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
