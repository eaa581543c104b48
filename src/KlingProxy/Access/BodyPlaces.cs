using System.Globalization;

using KlingProxy.Problems;

using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
using Microsoft.Extensions.Options;

namespace KlingProxy.Access;

/// <summary>
/// How many large bodies are read at a time, in all and of each caller: uploads, and JSON with images inside. Whoever finds no place waits a little, and is
/// then told to come back. Who has one keeps a pace, and has it for minutes at most: so nobody can take everybody's place, nor keep it.
/// </summary>
internal sealed class BodyPlaces(IOptions<LimitsOptions> options, TimeProvider time) : IBodyPlaces
{
    /// <summary>In bytes a second, on average, after <see cref="Grace"/>. A phone at the edge of coverage is faster; who drips to keep us busy is not.</summary>
    public const int SlowestRate = 8 * 1024;

    /// <summary>From the place to the last byte. Ten megabytes at 280 kbit a second.</summary>
    public static readonly TimeSpan LongestBody = TimeSpan.FromMinutes(5);

    /// <summary>In seconds.</summary>
    private const int RetryAfter = 5;

    /// <summary>Bodies that may wait for each that may be read. One that waits takes a fifth of a megabyte.</summary>
    private const int WaitingForEach = 3;

    /// <summary>For a place.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(10);

    private readonly Places places = new(), queue = new();

    /// <summary>How many are taken.</summary>
    public int Taken => places.Taken;

    /// <summary>How many wait for one.</summary>
    public int Waiting => queue.Taken;

    public Task<ProblemHttpResult?> Enter(HttpContext context, CancellationToken cancel) => Enter(context, Caller.Of(context.User), cancel);

    /// <param name="caller">Whose body it is, where the request itself does not say.</param>
    public async Task<ProblemHttpResult?> Enter(HttpContext context, Caller caller, CancellationToken cancel)
    {
        var share = PlaceShare.Of(caller, options.Value.LargeBodiesPerCaller, options.Value.LargeBodies);
        var verdict = await Wait(share, cancel);
        if (verdict == PlaceVerdict.Taken)
        {
            var place = new HeldPlace(places, share);
            context.Features.Set(place);
            context.Response.RegisterForDispose(place);
            RequirePace(context);
            context.Request.Body = new TimedBody(context.Request.Body, LongestBody, time);
            return null;
        }
        context.Response.Headers.RetryAfter = RetryAfter.ToString(CultureInfo.InvariantCulture);
        return verdict == PlaceVerdict.OwnAreTaken
            ? AccessModule.TooManyBodies.Because($"You may send {share.PerHolder} large bodies at a time.")
            : JsonBody.Overloaded.Because("As many large bodies are being read as may be at a time.");
    }

    public void Leave(HttpContext context) => context.Features.Get<HeldPlace>()?.Dispose();

    private async Task<PlaceVerdict> Wait(PlaceShare share, CancellationToken cancel)
    {
        var change = places.Change;
        var verdict = places.TryTake(share);
        var waiting = share with { PerHolder = share.PerHolder * WaitingForEach, PerCrowd = share.PerCrowd * WaitingForEach, InAll = share.InAll * WaitingForEach };
        if (verdict == PlaceVerdict.Taken || queue.TryTake(waiting) != PlaceVerdict.Taken) // or waiting would be what fills the memory
            return verdict;

        try
        {
            using var patience = new CancellationTokenSource(Patience, time);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancel);
            while (verdict != PlaceVerdict.Taken)
            {
                await change.WaitAsync(either.Token);
                change = places.Change;
                verdict = places.TryTake(share);
            }
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            // Its patience is over: the last verdict stands.
        }
        finally
        {
            queue.GiveBack(waiting);
        }
        return verdict;
    }

    private static void RequirePace(HttpContext context)
    {
        // The streams of an HTTP/2 connection share its pace, which is the server's alone to set.
        if (HttpProtocol.IsHttp11(context.Request.Protocol) && context.Features.Get<IHttpMinRequestBodyDataRateFeature>() is { } pace)
            pace.MinDataRate = new MinDataRate(SlowestRate, Grace);
    }
}
