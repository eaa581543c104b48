using System.Data.Common;

using KlingProxy.Http.Problems;

using Microsoft.AspNetCore.Diagnostics;

namespace KlingProxy.Storage;

/// <summary>
/// A database that is full, locked, read-only or gone is not the caller's mistake and not a bug: 503, and come back. Nothing is spent before it is written, and
/// a repeated request is known for one.
/// </summary>
internal sealed class DatabaseTrouble : IExceptionHandler
{
    public static readonly Problem Unavailable = new("database-unavailable", 503, "The service cannot keep records at the moment.",
        "Nothing is sent to fal without a record. Send the same request again after Retry-After: should it have been recorded after all, you get that job, "
            + "and no second one.");

    public async ValueTask<bool> TryHandleAsync(HttpContext httpContext, Exception exception, CancellationToken cancellationToken)
    {
        if (exception is not DbException)
            return false;
        await Unavailable.Because().Answer().ExecuteAsync(httpContext);
        return true;
    }
}
