using KlingProxy.Access.Credentials;
using KlingProxy.Http.Problems;
using KlingProxy.Ids;

using Microsoft.Extensions.Options;

namespace KlingProxy.Access.Limits;

/// <summary>How many videos are sent at a time, in all and to each caller: a slow player holds a connection to fal's media host as long as it likes.</summary>
internal sealed class VideoPlaces(IOptions<LimitsOptions> options)
{
    private readonly Places places = new();

    /// <summary>How many are taken.</summary>
    public int Taken => places.Taken;

    /// <summary>Takes a place until the request ends.</summary>
    /// <param name="payerId">Whose budget paid the video: by a link it is read out of this one's share for links.</param>
    /// <returns>Why there is none; <c>null</c> when there is one.</returns>
    public Refusal? Enter(HttpContext context, CallerId payerId)
    {
        var (caller, own, all) = (Caller.Of(context.User), options.Value.VideosPerCaller, options.Value.Videos);
        var share = caller.Kind == CallerKind.Link ? PlaceShare.OfLinksOf(new Caller(payerId), own, all) : PlaceShare.Of(caller, own, all);
        switch (places.TryTake(share))
        {
            case PlaceVerdict.OwnAreTaken:
                return AccessProblems.TooManyVideos.Because(
                    caller.Kind == CallerKind.Link
                        ? $"All links to videos of one caller may be read {share.PerHolder} times at a time."
                        : $"You may read {share.PerHolder} videos at a time.",
                    figures: ("limit", share.PerHolder));
            case PlaceVerdict.AllAreTaken:
                return BodyProblems.Overloaded.Because("As many videos are being read as may be at a time.");
            default:
                context.Response.RegisterForDispose(new HeldPlace(places, share));
                return null;
        }
    }
}
