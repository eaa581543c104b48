using KlingProxy.Fal.Queue;
using KlingProxy.Ids;
using KlingProxy.Jobs.Canceling;
using KlingProxy.Models;

namespace KlingProxy.Jobs.Following;

/// <summary>
/// fal has made, and billed, something that no job here stands for: the database may be an older copy of itself. 1. Written down. 2. Asked with our own key
/// for what it is and what it cost. 3. Written down, too. A person has to look.
/// </summary>
internal sealed partial class NoteDelivery(IAttentionStore store, FalQueue fal, ModelCatalog catalog, TimeProvider time, ILogger<NoteDelivery> logger)
{
    /// <param name="jobId">Whose address fal was given.</param>
    /// <param name="model">The job's, where that is known.</param>
    /// <returns>False when fal shall tell again, since what it billed is not known yet.</returns>
    public async Task<bool> Note(JobId jobId, FalRequestId requestId, AttentionReason reason, string? model, CancellationToken cancel)
    {
        if (await store.IsBooked(jobId, requestId, cancel))
            return true; // of a job that was deleted since

        var note = new AttentionNote(requestId, jobId, reason, model, null, null, time.GetUtcNow());
        if (await store.Add(note))
            LogUnaccounted(requestId, jobId, reason.Word);
        switch (await Result(model, requestId, cancel))
        {
            case FalResult.Output output:
                await store.Add(note with { Units = output.BillableUnits?.Text, VideoUrl = output.Video.Url });
                return true;
            case FalResult.Refused refused:
                await store.Add(note with { Units = refused.BillableUnits?.Text });
                return true;
            case FalResult.Missing:
                return true;
            default:
                return false;
        }
    }

    // The address of a request does not depend on which of an app's models made it: where the model is not known, every app is asked for it.
    private async Task<FalResult> Result(string? model, FalRequestId requestId, CancellationToken cancel)
    {
        var ids = model is null ? catalog.Enabled.Select(known => known.Id).DistinctBy(KlingModel.AppOf).ToList() : [model];
        foreach (var id in ids.SkipLast(1))
            if (await fal.Result(id, requestId, cancel) is not FalResult.Missing and var result)
                return result;
        return await fal.Result(ids[^1], requestId, cancel);
    }

    [LoggerMessage(1090, LogLevel.Error, "fal delivers request {RequestId} for job {JobId}, which does not account for it here ({Reason}): look whether this "
        + "database is an older copy, and at GET /v1/attention")]
    private partial void LogUnaccounted(string requestId, string jobId, string reason);
}
