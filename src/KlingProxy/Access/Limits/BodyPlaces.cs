using KlingProxy.Access.Credentials;
using KlingProxy.Http.Bodies;
using KlingProxy.Http.Pieces;
using KlingProxy.Http.Problems;

using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
using Microsoft.Extensions.Options;

namespace KlingProxy.Access.Limits;

/// <summary>
/// How many bodies are read at a time, in all and of each caller: large ones (uploads, and JSON with images inside) as the settings say, small ones as
/// memory allows, since many small ones fill it, too. Whoever finds no place waits a little, and is then told to come back. A large one keeps a pace, and
/// has its place for minutes at most, a small one for seconds: so nobody can take everybody's place, nor keep it.
/// </summary>
internal sealed class BodyPlaces(IOptions<LimitsOptions> options, MemoryBounds memory, TimeProvider time) : IBodyPlaces
{
    /// <summary>
    /// In bytes a second, on average, after <see cref="Grace"/>. A phone at the edge of coverage is faster; who drips to keep us busy is not.
    /// </summary>
    public const int MinBytesPerSecond = 8 * 1024;

    /// <summary>From the place to the last byte. Ten megabytes at 280 kbit a second.</summary>
    public static readonly TimeSpan MaxBodyTime = TimeSpan.FromMinutes(5);

    /// <summary>Of a small one: 64 KiB at 52 kbit a second. In a network that is slower nobody waits for a video.</summary>
    public static readonly TimeSpan MaxSmallBodyTime = TimeSpan.FromSeconds(10);

    /// <summary>Bodies that may wait for each that may be read. One that waits takes what a connection holds of it.</summary>
    private const int WaitingForEach = 3;

    /// <summary>For a place; of a small body less than one that is slow may keep it.</summary>
    public static readonly TimeSpan MaxWait = TimeSpan.FromSeconds(20), MaxSmallWait = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(10);

    private readonly Kind large = new("large bodies", MaxBodyTime, MaxWait), small = new("bodies", MaxSmallBodyTime, MaxSmallWait);

    /// <summary>How many are taken by large ones.</summary>
    public int Taken => large.Places.Taken;

    /// <summary>How many are taken by small ones.</summary>
    public int TakenBySmall => small.Places.Taken;

    /// <summary>How many wait for one.</summary>
    public int Waiting => large.Queue.Taken + small.Queue.Taken;

    public Task<Refusal?> Enter(HttpContext context, CancellationToken cancel) => Enter(context, Caller.Of(context.User), cancel);

    /// <param name="caller">Whose body it is, where the request itself does not say.</param>
    public async Task<Refusal?> Enter(HttpContext context, Caller caller, CancellationToken cancel)
    {
        Leave(context); // it turned out not to be small
        var share = PlaceShare.Of(caller, options.Value.LargeBodiesPerCaller, options.Value.LargeBodies);
        if (await Enter(context, large, share, cancel) is { } full)
            return full;
        RequirePace(context);
        if (context.Features.Get<PieceSize>() is { } pieces)
            context.Features.Get<HeldPlace>()!.Along = pieces.Enlarge();
        return null;
    }

    public Task<Refusal?> EnterSmall(HttpContext context, CancellationToken cancel) =>
        Enter(context, small, PlaceShare.Of(Caller.Of(context.User), memory.SmallBodiesPerCaller, memory.SmallBodies), cancel);

    public void Leave(HttpContext context) => context.Features.Get<HeldPlace>()?.Dispose();

    private async Task<Refusal?> Enter(HttpContext context, Kind kind, PlaceShare share, CancellationToken cancel)
    {
        var verdict = await Wait(kind, share, cancel);
        if (verdict == PlaceVerdict.Taken)
        {
            var place = new HeldPlace(kind.Places, share);
            context.Features.Set(place);
            context.Response.RegisterForDispose(place);
            var body = TimedBody.Over(context.Request.Body, kind.Max, time);
            context.Response.RegisterForDispose(body);
            context.Request.Body = body;
            return null;
        }
        return verdict == PlaceVerdict.OwnAreTaken
            ? AccessProblems.TooManyBodies.Because($"You may send {share.PerHolder} {kind.Name} at a time.", figures: ("limit", share.PerHolder))
            : BodyProblems.Overloaded.Because($"As many {kind.Name} are being read as may be at a time.");
    }

    private async Task<PlaceVerdict> Wait(Kind kind, PlaceShare share, CancellationToken cancel)
    {
        var (places, queue) = (kind.Places, kind.Queue);
        var change = places.Change;
        var verdict = places.TryTake(share);
        var waiting = share with
        {
            PerHolder = share.PerHolder * WaitingForEach,
            PerCrowd = share.PerCrowd * WaitingForEach,
            InAll = share.InAll * WaitingForEach
        };
        if (verdict == PlaceVerdict.Taken || queue.TryTake(waiting) != PlaceVerdict.Taken) // or waiting would be what fills the memory
            return verdict;

        try
        {
            using var timeout = new CancellationTokenSource(kind.MaxWait, time);
            using var linked = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancel);
            while (verdict != PlaceVerdict.Taken)
            {
                await change.WaitAsync(linked.Token);
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
            pace.MinDataRate = new MinDataRate(MinBytesPerSecond, Grace);
    }

    /// <param name="Max">From the place to the last byte.</param>
    /// <param name="MaxWait">For a place.</param>
    private sealed record Kind(string Name, TimeSpan Max, TimeSpan MaxWait)
    {
        public Places Places { get; } = new();

        /// <summary>Of those who wait for one.</summary>
        public Places Queue { get; } = new();
    }
}
