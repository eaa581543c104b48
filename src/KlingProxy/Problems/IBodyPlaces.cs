using Microsoft.AspNetCore.Http.HttpResults;

namespace KlingProxy.Problems;

/// <summary>What reading a large body needs: somebody who knows how many are being read, and for whom.</summary>
internal interface IBodyPlaces
{
    /// <summary>
    /// Takes a place for this request's body, which from here on has to come at a pace and within a time. It is given back by <see cref="Leave"/>, or with the
    /// end of the request.
    /// </summary>
    /// <returns>Why there is none; <c>null</c> when there is one.</returns>
    Task<ProblemHttpResult?> Enter(HttpContext context, CancellationToken cancel);

    /// <summary>The body is no longer needed, although the answer may take long.</summary>
    void Leave(HttpContext context);
}
