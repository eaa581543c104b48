using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

using KlingProxy.Access;
using KlingProxy.Access.Audit;
using KlingProxy.Access.Credentials;
using KlingProxy.Access.Keys;
using KlingProxy.Fal.Calls;
using KlingProxy.Http.Bodies;
using KlingProxy.Http.Problems;
using KlingProxy.Ids;
using KlingProxy.Jobs.Submitting;
using KlingProxy.Models;
using KlingProxy.Orders;
using KlingProxy.Spending;

namespace KlingProxy.Jobs.Operating;

/// <summary>
/// Has a failed job made once more, for its caller and out of its payer's budgets: by today's rules and price, with a hold of its own. 1. The same wish seen
/// before returns its job; 2. check, at no cost; 3. in one transaction, as every create, record the new job, name it in the failed one, and write the act;
/// 4. send it, once.
/// </summary>
internal sealed class RetryJob(
    IJobStore store, IApiKeyStore keys, Payers payers, ModelCatalog catalog, DispatchJob dispatch, FalStanding standing,
    TimeProvider time, AuditTrail audit)
{
    /// <param name="key">For a further try of a job that was tried again before: 1 to 255 visible ASCII characters. Without one a job has one.</param>
    /// <param name="requestId">Of the operator's request.</param>
    public async Task<Outcome<Submitted>> Retry(JobId id, Caller caller, string? key, string requestId, CancellationToken cancel)
    {
        if (await store.FindNow(id, cancel) is not { } failed)
            return JobProblems.NotFound.Because();
        var identity = Identity(id, key);
        if (await store.FindSame(failed.CallerId, identity, cancel) is { } known)
            return Again(known);
        if (!failed.MayBeRetried)
            return JobProblems.NotFailed.Because();
        if (await keys.Find(failed.PayerId, cancel) is { } paying && !paying.IsUsable(time.GetUtcNow()))
            return AccessProblems.KeyEnded.Because("The key that paid for the job has expired or was revoked, and pays for nothing any more.");
        if (Order(failed) is var order && RefusalOf(order) is { } refusal)
            return refusal;

        var job = NewJob(failed, order, requestId);
        var act = audit.Act(caller, ActWords.JobRetried, id, $"as {job.Id}");
        var payer = await payers.Of(failed.PayerId, cancel);
        switch (await dispatch.RecordAndBegin(departs => store.Add(job, identity, payer, cancel, departs, act)))
        {
            case JobAdded.New added:
                audit.Done(act);
                return new Submitted(added.Job, Replayed: false);
            case JobAdded.Again again:
                return Again(again);
            case JobAdded.NothingToRetry:
                return JobProblems.NotFailed.Because();
            case JobAdded.Refused late:
                return SpendingProblems.Explain(late.Reason, job.EstimatedCost, job.CreatedAt);
            default:
                throw new UnreachableException();
        }
    }

    // A caller's own keys have no spaces: none of them is one of these.
    private static IdempotencyKey Identity(JobId id, string? key) => new($"retry {id} {key}", SHA256.HashData(Encoding.UTF8.GetBytes(id)));

    private static Outcome<Submitted> Again(JobAdded.Again known) => known.Job is { } job
        ? new Submitted(job, Replayed: true)
        : JobProblems.Deleted.Because("It was made once more, and that job was deleted. An Idempotency-Key of its own makes another.");

    // Its images are where fal had them: they were judged when they came.
    private VideoOrder Order(Job failed)
    {
        using var body = new MemoryStream();
        using (var writer = new Utf8JsonWriter(body))
        {
            writer.WriteStartObject();
            writer.WriteString("model", failed.Model);
            writer.WritePropertyName("input");
            failed.Input.WriteTo(writer);
            writer.WriteEndObject();
        }
        return VideoOrder.Read(new JsonBody(JsonElement.Parse(body.ToArray()), null), catalog, _ => true);
    }

    private Refusal? RefusalOf(VideoOrder order) => order.Violations.Count > 0
        ? (order.Model is null ? ModelProblems.UnknownModel : ModelProblems.InvalidInput).Because(errors: order.Violations)
        : JobProblems.RefusalWhile(standing.Current?.Code);

    private Job NewJob(Job failed, VideoOrder order, string requestId) => new()
    {
        Id = JobId.New(),
        RetryOf = failed.Id,
        CallerId = failed.CallerId,
        PayerId = failed.PayerId,
        Model = failed.Model,
        Input = failed.Input,
        Metadata = failed.Metadata,
        Seconds = order.Request.Seconds!.Value,
        UnitPrice = order.UnitPrice!.Value,
        EstimatedCost = order.Amount!.Value,
        Terms = failed.Terms,
        CreatedBy = requestId,
        CreatedAt = time.GetUtcNow(),
    };
}
