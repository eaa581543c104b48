using KlingProxy.Ids;

namespace KlingProxy.Uploads.Keeping;

/// <summary>What one caller has stored on one UTC day.</summary>
internal sealed record UploadUse(long Uploads, long Bytes);

/// <summary>What one caller may store on one UTC day.</summary>
internal sealed record UploadQuota(long Uploads, long Bytes)
{
    /// <summary>Whether so many bytes more would be too much.</summary>
    public bool IsFullFor(UploadUse use, long bytes) => use.Uploads + 1 > Uploads || use.Bytes + bytes > Bytes;
}

/// <summary>What Uploads needs from a database to count.</summary>
internal interface IUploadUse
{
    Task<UploadUse> Of(CallerId callerId, DateOnly day, CancellationToken cancel);

    /// <summary>Counts one upload, if the quota allows it; all of it in one transaction.</summary>
    /// <returns>What there is already, where it does not; <c>null</c> where it was counted.</returns>
    Task<UploadUse?> Take(CallerId callerId, DateOnly day, long bytes, UploadQuota quota);

    /// <summary>Nothing came of it.</summary>
    Task GiveBack(CallerId callerId, DateOnly day, long bytes);
}
