using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Http.Features.Authentication;

namespace KlingProxy.Http.Wire;

/// <summary>
/// Answers that stay open for as long as a job takes, of which there may be thousands. They are written when everybody who let the request in has left: what
/// each of them holds while it waits (frames, the services of the request, who calls) is most of what such an answer costs.
/// <code>
///   request ─► [LongAnswers ─► headers ─► routing ─► caller ─► rate ─► policy ─► endpoint]   says: 200, these headers, and this goes on
///                    └─ all the others are gone ─► headers leave with the first word ─► goes on … until all is said
/// </code>
/// </summary>
internal static class LongAnswers
{
    /// <summary>Before all others.</summary>
    public static void UseLongAnswers(this IApplicationBuilder app) => app.Use((context, next) =>
    {
        var passing = next(context);
        return passing.IsCompletedSuccessfully && !IsLong(context) ? passing : GoOn(passing, context);
    });

    /// <summary>What the endpoint has begun goes on when it has returned. It is not called where only headers are asked for.</summary>
    /// <param name="write">Until all is said, or nobody listens.</param>
    public static void GoOnWith(this HttpContext context, Func<Task> write) => context.Features.Set(new Rest(write));

    /// <summary>Headers are all that there is.</summary>
    public static void Leave(HttpContext context) => context.Features.Set<Rest>(null);

    private static async Task GoOn(Task passing, HttpContext context)
    {
        await passing;
        if (!IsLong(context))
            return;
        await context.Response.StartAsync(context.RequestAborted); // what the headers are made of is needed until here
        if (context.Features.Get<IServiceProvidersFeature>() is IAsyncDisposable services)
            await services.DisposeAsync();
        await Begin(context);
    }

    // Whatever has been written by now is another answer: that something went wrong.
    private static bool IsLong(HttpContext context) => !context.Response.HasStarted && context.Features.Get<Rest>() is not null;

    // Apart: what is kept for this call is kept for as long as the answer takes.
    private static Task Begin(HttpContext context)
    {
        var rest = context.Features.Get<Rest>()!;
        foreach (var name in context.Request.Headers.Keys.ToList()) // cleared all at once, they would be kept for the next request to be the same
            context.Request.Headers.Remove(name);
        context.Request.RouteValues = null!;
        context.Features.Set<Rest>(null);
        context.Features.Set<IServiceProvidersFeature>(null);
        context.Features.Set<IHttpAuthenticationFeature>(null);
        context.Features.Set<IAuthenticateResultFeature>(null);
        context.Features.Set<IQueryFeature>(null);
        context.Features.Set<IItemsFeature>(null);
        context.Features.Set<IRouteValuesFeature>(null);
        _ = (context.RequestAborted, context.Request.Method); // each forgets what it kept of those when it is asked next
        return rest.Write();
    }

    private sealed record Rest(Func<Task> Write);
}
