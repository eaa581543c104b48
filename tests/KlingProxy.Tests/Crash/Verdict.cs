using System.Text.RegularExpressions;

using KlingProxy.Sandbox;

namespace KlingProxy.Tests.Crash;

/// <summary>What three witnesses say about one world: the database, fal, and the callers.</summary>
internal sealed partial class Verdict(DatabaseSnapshot snapshot, CrashDeployment world)
{
    private readonly IReadOnlyList<SandboxJob> atFal = world.Fal.Jobs;

    public int Jobs => snapshot.Jobs.Count;

    /// <summary>Waiting for a person, because nothing else can tell.</summary>
    public int Waiting => snapshot.Jobs.Values.Count(IsWaiting);

    /// <summary>Every job has ended or waits for a person, and nothing that fal would still tell is outstanding.</summary>
    public bool IsSettled => !Stuck.Any();

    public IEnumerable<string> Stuck =>
        snapshot.Jobs.Values.Where(job => !job.HasEnded && !(IsWaiting(job) && !WillBeTold(job))).Select(job => $"stuck: {job}");

    /// <summary>A video that fal was asked for and we know nothing of, or that a caller was promised and nobody remembers.</summary>
    public IEnumerable<string> Lost =>
    [
        .. world.Load.Wishes.Where(wish => wish.JobId is { } id && !snapshot.Jobs.ContainsKey(id)).Select(wish => $"lost: {wish.JobId}, which its caller was promised"),
        .. Submits.Where(submit => !snapshot.Jobs.ContainsKey(JobOf(submit.PathAndQuery))).Select(submit => $"lost: fal was asked with {submit.PathAndQuery}, and there is no such job"),
        .. snapshot.Jobs.Values.Where(job => job.RequestId is { } id && atFal.All(other => other.RequestId != id)).Select(job => $"lost: {job} is bound to a request that fal does not know"),
        .. atFal.Where(job => WillBeTold(job) && snapshot.Jobs.TryGetValue(JobOf(job.Webhook!), out var ours) && ours.RequestId != job.RequestId).Select(job => $"lost: fal made {job.RequestId}, which is not bound to its job"),
    ];

    /// <summary>More than one submit where one may be.</summary>
    public IEnumerable<string> Double =>
    [
        .. atFal.GroupBy(job => JobOf(job.Webhook!)).Where(jobs => jobs.Count() > 1).Select(jobs => $"double: fal has {jobs.Key} {jobs.Count()} times"),
        .. atFal.GroupBy(job => WishToken().Match(job.Input).Value).Where(jobs => jobs.Count() > 1).Select(jobs => $"double: fal has {jobs.Key} {jobs.Count()} times"),
        // One that fal refused with "not now" may be sent again; all others leave once.
        .. Submits.GroupBy(submit => JobOf(submit.PathAndQuery)).Where(sent => sent.Count() > 1 && !snapshot.Jobs[sent.Key].Document.ToString().Contains("sandbox:rate-limited", StringComparison.Ordinal))
            .Select(sent => $"double: {sent.Key} was sent {sent.Count()} times"),
    ];

    /// <summary>Events with gaps, and money that does not add up.</summary>
    public IEnumerable<string> Wrong =>
    [
        .. world.Load.Complaints.Select(complaint => $"wrong: {complaint}"),
        .. snapshot.Gaps.Select(gap => $"wrong: {gap}"),
        .. snapshot.SettledGaps.Select(gap => $"wrong: kept as settled {gap}"),
        .. snapshot.Jobs.Values.Where(job => !job.EventsAreGapless).Select(job => $"wrong: {job} is at version {job.Version} and has events {string.Join(' ', job.Sequences)}"),
        .. snapshot.Jobs.Values.Where(job => job.Held != (job.HasEnded ? 0 : job.Estimate)).Select(job => $"wrong: {job} holds {job.Held}"),
        .. snapshot.Jobs.Values.Where(job => job.Settled != (job.Cost ?? 0)).Select(job => $"wrong: {job} costs {job.Cost}, settled is {job.Settled}"),
        .. snapshot.Jobs.Values.Where(job => job.HasEnded && !IsPaid(job)).Select(job => $"wrong: {job} costs {job.Cost}{(job.CostIsEstimated ? " by our guess" : "")}, fal bills {BilledFor(job)}"),
    ];

    /// <summary>What the witnesses have about the jobs that are spoken of: the record, fal's record, every call and every delivery.</summary>
    public string Evidence(IEnumerable<string> findings) => string.Join("\n\n", JobId().Matches(string.Join('\n', findings)).Select(match => match.Value).Distinct().Select(EvidenceOf));

    private string EvidenceOf(string jobId)
    {
        var theirs = atFal.Where(job => JobOf(job.Webhook!) == jobId).ToList();
        return string.Join('\n',
        [
            jobId, snapshot.Jobs.GetValueOrDefault(jobId)?.Document.ToString(), .. theirs.Select(job => job.ToString()),
            .. world.Fal.Received.Where(call => call.PathAndQuery.Contains(jobId, StringComparison.Ordinal) || theirs.Exists(job => job.RequestId == call.RequestId)).Select(call => $"{call.At:O} {call.Method} {call.PathAndQuery}"),
            .. world.Fal.Deliveries.Where(delivery => theirs.Exists(job => job.RequestId == delivery.RequestId)).Select(delivery => $"delivery {delivery.Attempt}: {delivery.Status}, last: {delivery.IsLast}"),
        ]);
    }

    private IEnumerable<ReceivedCall> Submits => world.Fal.Received.Where(call => call.Operation == SandboxOperation.Submit);

    private static bool IsWaiting(BookedJob job) => job is { Status: "unconfirmed" or "finalizing", NeedsAttention: true };

    // To the cent where fal said what it bills; where it did not, never less.
    private bool IsPaid(BookedJob job) => job.CostIsEstimated ? job.Cost >= BilledFor(job) : job.Cost == BilledFor(job);

    private decimal BilledFor(BookedJob job) => atFal.Where(other => JobOf(other.Webhook!) == job.Id).Sum(other => other.Billed.Amount);

    private bool WillBeTold(BookedJob job) => atFal.Any(other => JobOf(other.Webhook!) == job.Id && WillBeTold(other));

    private static bool WillBeTold(SandboxJob job) => job.Fault is not (SandboxFault.LosesWebhook or SandboxFault.SignsWrongly or SandboxFault.SignsForAnotherAccount);

    private static string JobOf(string webhook) => JobId().Match(webhook).Value;

    [GeneratedRegex("job_[0-9a-f]{32}")]
    private static partial Regex JobId();

    [GeneratedRegex("wish-[0-9]{6}-[0-9a-f]{32}")]
    private static partial Regex WishToken();
}
