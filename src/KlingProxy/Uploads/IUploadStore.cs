using KlingProxy.Ids;

namespace KlingProxy.Uploads;

/// <summary>What Uploads needs from a database. Every question names its caller, so a foreign upload cannot be told from a missing one.</summary>
internal interface IUploadStore
{
    /// <returns>False where an upload of this id is there already; nothing changes then.</returns>
    Task<bool> Add(Upload upload, CancellationToken cancel);

    Task<Upload?> Find(CallerId callerId, string id, CancellationToken cancel);

    /// <returns>The newest upload of the same bytes, if the caller has one that can be used again.</returns>
    Task<Upload?> FindSame(CallerId callerId, string sha256, DateTimeOffset now, CancellationToken cancel);

    /// <returns>Whether there was such an upload.</returns>
    Task<bool> Delete(CallerId callerId, string id, CancellationToken cancel);
}
