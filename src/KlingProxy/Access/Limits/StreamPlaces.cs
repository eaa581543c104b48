using KlingProxy.Access.Credentials;
using KlingProxy.Http.Docs;
using KlingProxy.Http.Problems;
using KlingProxy.Ids;

using Microsoft.Extensions.Options;

namespace KlingProxy.Access.Limits;

/// <summary>Metadata of a route, some of whose calls stay open for long.</summary>
/// <param name="When">Which of them do: a GET of a job stays open only with <c>Prefer: wait</c>.</param>
internal sealed record MayStayOpen(Func<HttpRequest, bool> When);

/// <summary>
/// Bounds how many calls are open at a time, of one caller and of all together: event streams, and calls that wait for a job. Each takes a place before it
/// does anything, and gives it back when it ends, however it ends. With <c>Limits__OpenStreamsPerCaller</c> = 2:
/// <code>
/// key A opens the events of job_1 and of job_2         two places of A
/// key A opens the events of job_3                      429: "You may hold 2 calls open at a time."
/// two browsers open links to events of job_1, job_2    two places of "links of A"; a third gets 429
/// key A closes one, and opens the events of job_3      A has its two again, whatever the links do
/// </code>
/// </summary>
internal sealed class StreamPlaces(IOptions<LimitsOptions> options)
{
    private readonly Places places = new();

    /// <summary>How many are taken.</summary>
    public int Taken => places.Taken;

    /// <summary>
    /// Middleware, after authorization: who may not call takes no place. A call that came by a signed link passes; whose job it is about is known only later,
    /// and then it takes its place by <see cref="EnterByLink"/>.
    /// </summary>
    public Task Pass(HttpContext context, RequestDelegate next)
    {
        var caller = Caller.Of(context.User);
        return caller.Kind != CallerKind.Link && context.GetEndpoint()?.Metadata.GetMetadata<MayStayOpen>()?.When(context.Request) is true
            && Enter(context, ShareOf(caller)) is { } full
                ? full.Answer().ExecuteAsync(context)
                : next(context); // not awaited: what stays open for long costs no frame here
    }

    /// <summary>
    /// Takes a place for a call that came by a signed link, until the call ends. The links to all jobs of one owner have one share together, as large as the
    /// owner's own and beside it: many jobs do not make it larger, and whoever holds a link cannot use up what the owner itself may open.
    /// </summary>
    /// <param name="ownerId">Who owns the job: a key, or a ticket, whose share is of another size.</param>
    /// <returns>Why there is none; <c>null</c> when there is one, or the call came by no link.</returns>
    public Refusal? EnterByLink(HttpContext context, CallerId ownerId)
    {
        var share = ShareOf(new Caller(ownerId));
        return Caller.Of(context.User).Kind == CallerKind.Link ? Enter(context, share with { Holder = $"links of {share.Holder}" }) : null;
    }

    /// <summary>
    /// For a call that may wait, but answers at once where there is no place. It takes one until it ends, unless the middleware took one for it.
    /// </summary>
    /// <returns>Whether it may wait.</returns>
    public bool MayWait(HttpContext context)
    {
        if (context.Features.Get<Waiting>() is not null)
            return true;
        var share = ShareOf(Caller.Of(context.User));
        if (places.TryTake(share) != PlaceVerdict.Taken)
            return false;
        Hold(context, share);
        return true;
    }

    private PlaceShare ShareOf(Caller caller) => new(caller.Id, options.Value.OpenStreamsOf(caller), null, 0, options.Value.OpenStreams);

    private Refusal? Enter(HttpContext context, PlaceShare share)
    {
        var verdict = places.TryTake(share);
        if (verdict == PlaceVerdict.Taken)
        {
            Hold(context, share);
            return null;
        }
        return verdict == PlaceVerdict.OwnAreTaken
            ? AccessProblems.TooManyStreams.Because($"You may hold {share.PerHolder} calls open at a time.", figures: ("limit", share.PerHolder))
            : BodyProblems.Overloaded.Because("Too many calls are held open by all callers together.");
    }

    private void Hold(HttpContext context, PlaceShare share)
    {
        context.Features.Set(new Waiting());
        context.Response.RegisterForDispose(new HeldPlace(places, share));
    }

    /// <summary>A feature of a request that has its place.</summary>
    private sealed record Waiting;
}

internal static class StreamPlacesRoute
{
    /// <summary>Calls of this route that stay open are counted, and refused beyond the caller's share.</summary>
    public static TBuilder StaysOpen<TBuilder>(this TBuilder route, Func<HttpRequest, bool> when)
        where TBuilder : IEndpointConventionBuilder =>
            route.WithMetadata(new MayStayOpen(when)).Refuses(AccessProblems.TooManyStreams, BodyProblems.Overloaded);
}
