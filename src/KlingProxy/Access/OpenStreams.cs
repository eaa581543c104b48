using System.Globalization;

using KlingProxy.Problems;

using Microsoft.Extensions.Options;

namespace KlingProxy.Access;

/// <summary>On a route: that some of its calls stay open for long, and which.</summary>
internal sealed record MayStayOpen(Func<HttpRequest, bool> When);

/// <summary>
/// How many calls one caller, and all together, hold open at a time: event streams, and calls that wait. A link's bearer is counted by the link,
/// since an office of viewers may share one address. The place is given back when the call ends, however it ends.
/// </summary>
internal sealed class OpenStreams(IOptions<LimitsOptions> options)
{
    private readonly Lock gate = new();
    private readonly Dictionary<string, int> open = [];
    private int inAll;

    private enum Place
    {
        Taken,
        TooManyOfOne,
        TooManyInAll,
    }

    /// <summary>How many callers hold a place.</summary>
    public int Holders
    {
        get
        {
            lock (gate)
                return open.Count;
        }
    }

    /// <summary>After authorization: a place is for who may enter.</summary>
    public async Task Pass(HttpContext context, RequestDelegate next)
    {
        if (context.GetEndpoint()?.Metadata.GetMetadata<MayStayOpen>()?.When(context.Request) is not true)
        {
            await next(context);
            return;
        }

        var caller = Caller.Of(context.User);
        var holder = caller.IsLink ? context.Request.Path.ToString() : caller.Id;
        var place = Take(holder, options.Value.OpenStreamsOf(caller));
        if (place != Place.Taken)
        {
            var refusal = place == Place.TooManyOfOne ? AccessModule.TooManyStreams.Because() : JsonBody.Overloaded.Because("Too many calls are held open by all callers together.");
            context.Response.Headers.RetryAfter = JsonBody.RetryOverloaded.ToString(CultureInfo.InvariantCulture);
            await refusal.ExecuteAsync(context);
            return;
        }
        try
        {
            await next(context);
        }
        finally
        {
            GiveBack(holder);
        }
    }

    private Place Take(string holder, int most)
    {
        lock (gate)
        {
            var held = open.GetValueOrDefault(holder);
            if (held >= most)
                return Place.TooManyOfOne;
            if (inAll >= options.Value.OpenStreams)
                return Place.TooManyInAll;
            open[holder] = held + 1;
            inAll++;
            return Place.Taken;
        }
    }

    private void GiveBack(string holder)
    {
        lock (gate)
        {
            inAll--;
            if (--open[holder] == 0)
                open.Remove(holder);
        }
    }
}

internal static class OpenStreamsRoute
{
    /// <summary>Calls of this route that stay open are counted, and refused beyond the caller's share.</summary>
    public static TBuilder StaysOpen<TBuilder>(this TBuilder route, Func<HttpRequest, bool> when)
        where TBuilder : IEndpointConventionBuilder => route.WithMetadata(new MayStayOpen(when)).Refuses(AccessModule.TooManyStreams, JsonBody.Overloaded);
}
