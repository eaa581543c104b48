using KlingProxy.Access.Credentials;
using KlingProxy.Access.Limits;
using KlingProxy.Http.Problems;
using KlingProxy.Ids;
using KlingProxy.Spending.Ledger;
using KlingProxy.Uploads.Keeping;

using Microsoft.Extensions.Options;

namespace KlingProxy.Uploads.Receiving;

/// <summary>
/// Whether a caller may store an image now. fal's storage is our account's, so what is stored there is counted per caller and UTC day, and nothing is while
/// spending is frozen. A ticket pays for one job of two images, and has a few tries.
/// </summary>
internal sealed class UploadGate(IUploadUse use, ILedger ledger, IOptions<LimitsOptions> limits, TimeProvider time)
{
    /// <summary>Asked before the bytes come: there is no need to send them.</summary>
    public async Task<Refusal?> Refuse(Caller caller, CancellationToken cancel)
    {
        if (await ledger.Frozen(cancel) is not null)
            return ImageRefusal.Frozen();
        var (quota, day) = (Of(caller), Today);
        return await use.Of(caller.Id, day, cancel) is var now && quota.IsFullFor(now, bytes: 1) ? Full(quota, now, day) : null;
    }

    /// <summary>Asked when it is known what is to be stored, and counts it.</summary>
    /// <returns>Why it must not be; else how to undo the counting.</returns>
    public async Task<(Refusal? Refusal, Func<Task> GiveBack)> Count(Caller caller, long bytes, CancellationToken cancel)
    {
        if (await ledger.Frozen(cancel) is not null) // while the bytes came
            return (ImageRefusal.Frozen(), Nothing);
        var (quota, day) = (Of(caller), Today);
        return await use.Take(caller.Id, day, bytes, quota) is { } full
            ? (Full(quota, full, day), Nothing)
            : (null, () => use.GiveBack(caller.Id, day, bytes));
    }

    private DateOnly Today => DateOnly.FromDateTime(time.GetUtcNow().UtcDateTime);

    private UploadQuota Of(Caller caller) => new(
        caller.Kind == CallerKind.Ticket ? limits.Value.UploadsPerTicket : limits.Value.UploadsPerCallerPerDay,
        limits.Value.UploadBytesPerCallerPerDay);

    private Refusal Full(UploadQuota quota, UploadUse now, DateOnly day)
    {
        var end = new DateTimeOffset(day.AddDays(1), TimeOnly.MinValue, TimeSpan.Zero);
        return ImageRefusal.QuotaExceeded(quota, now, end, end - time.GetUtcNow());
    }

    private static Task Nothing() => Task.CompletedTask;
}
