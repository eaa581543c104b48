using System.Globalization;

namespace KlingProxy.Problems;

/// <summary>
/// JSON may carry images, and a body with two of them takes a few hundred megabytes until it is read, checked and written again. So few are
/// taken at a time; the others wait, and then are told to come back. Uploads stream, and need no such thing.
/// </summary>
internal sealed class LargeBodies(TimeProvider time) : IDisposable
{
    /// <summary>In bytes; whatever says that it is smaller is never held up.</summary>
    public const long Small = 1024 * 1024;

    private const int AtATime = 3;

    /// <summary>In seconds.</summary>
    private const int RetryAfter = 5;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly SemaphoreSlim places = new(AtATime, AtATime);

    /// <summary>Before the body is read. The place is given back by <see cref="Leave"/>, or with the end of the request.</summary>
    public async Task<bool> Enter(HttpRequest request, CancellationToken cancel)
    {
        if (request.ContentLength <= Small)
            return true;
        using var patience = new CancellationTokenSource(Patience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancel);
        try
        {
            await places.WaitAsync(either.Token);
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            request.HttpContext.Response.Headers.RetryAfter = RetryAfter.ToString(CultureInfo.InvariantCulture);
            return false;
        }
        var place = new Place(places);
        request.HttpContext.Features.Set(place);
        request.HttpContext.Response.RegisterForDispose(place);
        return true;
    }

    /// <summary>The body is no longer needed, although the answer may take long.</summary>
    public static void Leave(HttpRequest request) => request.HttpContext.Features.Get<Place>()?.Dispose();

    public void Dispose() => places.Dispose();

    private sealed class Place(SemaphoreSlim places) : IDisposable
    {
        private int left;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref left, 1) == 0)
                places.Release();
        }
    }
}
