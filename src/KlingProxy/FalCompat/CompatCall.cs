namespace KlingProxy.FalCompat;

/// <summary>
/// What a call at one of fal's doors is. It is read once, from what its door reads and from nothing else, and kept with the request: whoever has to
/// know (the cap on calls that stay open, the answer, the form of a refusal) asks this. Two readings would be two opinions.
/// </summary>
/// <param name="Operation"><c>null</c> for what is none of ours to answer.</param>
internal sealed record CompatCall(CompatDoor Door, CompatOperation? Operation)
{
    /// <summary>Status streams and runs end when the job does. A call with the wrong method is answered at once.</summary>
    public bool StaysOpen(HttpRequest request) => Operation is CompatOperation.StatusStream or CompatOperation.Run && Operation.Method == request.Method;

    /// <summary>Whether it may buy a video, so that no answer may ask for a repetition.</summary>
    public bool Spends => Operation is CompatOperation.Purchase;

    /// <returns><c>null</c> where this is no door of fal's.</returns>
    public static CompatCall? Of(HttpContext context)
    {
        if (context.Features.Get<CompatCall>() is { } known)
            return known;
        return context.GetEndpoint()?.Metadata.GetMetadata<CompatDoor>() is { } door
            ? At(door, context, context.RequestServices.GetRequiredService<KnownTargets>())
            : null;
    }

    /// <summary>Where it is known that the call is at this door.</summary>
    public static CompatCall At(CompatDoor door, HttpContext context, KnownTargets targets)
    {
        if (context.Features.Get<CompatCall>() is { } known)
            return known;
        var target = door.Target(context.Request);
        var call = new CompatCall(door, target is null ? null : targets.Read(target));
        context.Features.Set(call);
        return call;
    }
}

/// <summary>On a route: where its calls say what they are.</summary>
/// <param name="Target">The address at fal that is meant; <c>null</c> where none is named, or more than one.</param>
/// <param name="Refusal">What to say beside the list of calls, where nothing is recognised.</param>
internal sealed record CompatDoor(Func<HttpRequest, string?> Target, string? Refusal = null)
{
    private const string TargetHeader = "x-fal-target-url";

    /// <summary>As fal's clients call a proxy: everything at one address, the real one in a header.</summary>
    public static readonly CompatDoor Proxy = new(
        request => request.Headers[TargetHeader] is [{ } target] ? target : null, $"{TargetHeader} must be one address, exactly as fal's client writes it.");

    /// <summary>As at queue.fal.run, for clients that follow addresses.</summary>
    public static readonly CompatDoor Queue = new(request => Below("https://queue.fal.run/", CompatRoutes.Queue, request));

    /// <summary>As at fal.run.</summary>
    public static readonly CompatDoor Run = new(request => Below("https://fal.run/", CompatRoutes.Run, request));

    // A question mark in a path is one that was escaped, and begins no query.
    private static string? Below(string host, string path, HttpRequest request) =>
        request.Path.Value is { } all && all.Length > path.Length + 1 && !all.Contains('?', StringComparison.Ordinal)
            ? $"{host}{all.AsSpan(path.Length + 1)}{request.QueryString}"
            : null;
}
