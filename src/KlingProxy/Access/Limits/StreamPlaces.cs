using KlingProxy.Access.Credentials;
using KlingProxy.Http.Docs;
using KlingProxy.Http.Problems;
using KlingProxy.Ids;

using Microsoft.Extensions.Options;

namespace KlingProxy.Access.Limits;

/// <summary>On a route: that some of its calls stay open for long, and which.</summary>
internal sealed record MayStayOpen(Func<HttpRequest, bool> When);

/// <summary>
/// How many calls one caller, and all together, hold open at a time: event streams, and calls that wait. The place is given back when the call ends,
/// however it ends.
/// </summary>
internal sealed class StreamPlaces(IOptions<LimitsOptions> options)
{
    private readonly Places places = new();

    /// <summary>How many are taken.</summary>
    public int Taken => places.Taken;

    /// <summary>After authorization: a place is for who may enter, and is there before anything is done. Whose a link is only its job says: see <see cref="EnterByLink"/>.</summary>
    public async Task Pass(HttpContext context, RequestDelegate next)
    {
        var caller = Caller.Of(context.User);
        if (caller.Kind != CallerKind.Link && context.GetEndpoint()?.Metadata.GetMetadata<MayStayOpen>()?.When(context.Request) is true && Enter(context, ShareOf(caller)) is { } full)
            await full.Answer().ExecuteAsync(context);
        else
            await next(context);
    }

    /// <summary>
    /// Takes a place for a call that came by a link, until it ends. All links of one owner have one share, and this beside the owner's own: whoever
    /// makes many jobs has no more of it, and strangers who hold a link do not close what the owner itself wants to open.
    /// </summary>
    /// <param name="ownerId">Of the job.</param>
    /// <param name="payerId">Whose budget pays it.</param>
    /// <returns>Why there is none; <c>null</c> when there is one, or the call came by no link.</returns>
    public Refusal? EnterByLink(HttpContext context, CallerId ownerId, CallerId payerId)
    {
        var share = ShareOf(new Caller(ownerId) { PayerId = payerId });
        return Caller.Of(context.User).Kind == CallerKind.Link ? Enter(context, share with { Holder = $"links of {share.Holder}" }) : null;
    }

    /// <summary>For a call that waits only if there is room for that, and else answers at once: takes a place until it ends, unless it has one.</summary>
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

    /// <summary>This call has its place.</summary>
    private sealed record Waiting;
}

internal static class OpenStreamsRoute
{
    /// <summary>Calls of this route that stay open are counted, and refused beyond the caller's share.</summary>
    public static TBuilder StaysOpen<TBuilder>(this TBuilder route, Func<HttpRequest, bool> when)
        where TBuilder : IEndpointConventionBuilder =>
            route.WithMetadata(new MayStayOpen(when)).Refuses(AccessProblems.TooManyStreams, BodyProblems.Overloaded);
}
