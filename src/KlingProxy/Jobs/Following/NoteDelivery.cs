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
    public async Task<bool> Handle(JobId jobId, FalRequestId requestId, AttentionReason reason, string? model, CancellationToken cancel)
    {
        if (await store.IsBooked(jobId, requestId, cancel))
            return true; // of a job that was deleted since

        var note = new AttentionNote(requestId, jobId, reason, model, null, null, time.GetUtcNow());
        if (await store.Add(note))
            LogUnaccounted(requestId, jobId, reason.Word);
        switch (await fal.Result(model ?? catalog.Default.Id, requestId, cancel)) // the address of a request does not depend on which model of the family made it
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

    [LoggerMessage(1090, LogLevel.Error, "fal delivers request {RequestId} for job {JobId}, which does not account for it here ({Reason}): look whether this database is an older copy, and at GET /v1/attention")]
    private partial void LogUnaccounted(string requestId, string jobId, string reason);
}
