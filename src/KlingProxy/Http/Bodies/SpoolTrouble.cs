using KlingProxy.Http.Problems;

using Microsoft.AspNetCore.Diagnostics;

namespace KlingProxy.Http.Bodies;

/// <summary>There is no room on disk for what has to wait there.</summary>
internal sealed class SpoolTrouble(Exception? cause = null) : Exception("There is no room on disk for a body that has to wait.", cause);

/// <summary>A full disk is not the caller's mistake and not a bug: nothing was done, and the room comes back.</summary>
internal sealed class SpoolTroubleHandler : IExceptionHandler
{
    public async ValueTask<bool> TryHandleAsync(HttpContext httpContext, Exception exception, CancellationToken cancellationToken)
    {
        if (exception is not SpoolTrouble)
            return false;
        await BodyProblems.Overloaded.Because().Answer().ExecuteAsync(httpContext);
        return true;
    }
}
