using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace KlingProxy.CrashHost;

/// <summary>Every call that changes something: all of it is done and nothing is said; or it is said, too.</summary>
internal sealed class AnswerSteps(CrashPoints points) : IStartupFilter
{
    public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
    {
        app.Use((context, rest) =>
        {
            if (!HttpMethods.IsGet(context.Request.Method))
            {
                context.Response.OnStarting(() => Pass(context, "answering"));
                context.Response.OnCompleted(() => Pass(context, "answered"));
            }
            return rest(context);
        });
        next(app);
    };

    private Task Pass(HttpContext context, string point)
    {
        if (context.GetEndpoint() is RouteEndpoint { RoutePattern.RawText: { } route })
            points.Pass($"{context.Request.Method} {route}, {point}");
        return Task.CompletedTask;
    }
}
