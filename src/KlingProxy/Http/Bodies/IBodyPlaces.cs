using KlingProxy.Http.Problems;

namespace KlingProxy.Http.Bodies;

/// <summary>What reading a body needs: somebody who knows how many are being read, and for whom.</summary>
internal interface IBodyPlaces
{
    /// <summary>
    /// Takes a place for this request's body of at most <see cref="BoundedBody.Small"/> bytes, which from here on has to come within seconds. It is given
    /// back by <see cref="Leave"/>, or with the end of the request.
    /// </summary>
    /// <returns>Why there is none; <c>null</c> when there is one.</returns>
    Task<Refusal?> EnterSmall(HttpContext context, CancellationToken cancel);

    /// <summary>The same for a larger one, which has to come at a pace and within minutes. A place for a small one is given back before.</summary>
    Task<Refusal?> Enter(HttpContext context, CancellationToken cancel);

    /// <summary>The body is no longer needed, although the answer may take long.</summary>
    void Leave(HttpContext context);
}
