using KlingProxy.Problems;

using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;

namespace KlingProxy.Access;

/// <summary>How many videos are sent at a time, in all and to each caller: a slow player holds a connection to fal's media host as long as it likes.</summary>
internal sealed class VideoPlaces(IOptions<LimitsOptions> options)
{
    private readonly Places places = new();

    /// <summary>How many are taken.</summary>
    public int Taken => places.Taken;

    /// <summary>Takes a place until the request ends.</summary>
    /// <returns>Why there is none; <c>null</c> when there is one.</returns>
    public ProblemHttpResult? Enter(HttpContext context)
    {
        var share = PlaceShare.Of(Caller.Of(context.User), context.Request.Path, options.Value.VideosPerCaller, options.Value.Videos);
        switch (places.TryTake(share))
        {
            case PlaceVerdict.OwnAreTaken:
                return AccessModule.TooManyVideos.Because($"You may read {share.PerHolder} videos at a time; with a link, that many of its one.");
            case PlaceVerdict.AllAreTaken:
                return JsonBody.Overloaded.Because("As many videos are being read as may be at a time.");
            default:
                context.Response.RegisterForDispose(new HeldPlace(places, share));
                return null;
        }
    }
}
