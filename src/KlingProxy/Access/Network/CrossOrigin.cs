using KlingProxy.Access.Limits;

using Microsoft.AspNetCore.Cors.Infrastructure;
using Microsoft.Extensions.Options;
using Microsoft.Net.Http.Headers;

namespace KlingProxy.Access.Network;

/// <summary>
/// Which web pages may call, and read the answer (CORS): exactly those that the operator listed, every route, refusals included. Without
/// cookies, so nothing that a browser holds is ever sent along.
/// </summary>
internal static class CrossOrigin
{
    private static readonly TimeSpan PreflightLifetime = TimeSpan.FromHours(1);

    private static readonly string[] Methods = [HttpMethods.Get, HttpMethods.Head, HttpMethods.Post, HttpMethods.Put, HttpMethods.Patch, HttpMethods.Delete];

    // Beyond these a page reads nothing.
    private static readonly string[] Exposed =
    [
        HeaderNames.Location, HeaderNames.ETag, HeaderNames.RetryAfter, HeaderNames.WWWAuthenticate, HeaderNames.Allow, "X-Request-Id", "X-KlingProxy-Mode",
        "Idempotent-Replayed",
        RequestRates.Header, RequestRates.PolicyHeader, HeaderNames.ContentRange, HeaderNames.AcceptRanges, HeaderNames.ContentLength,
        HeaderNames.ContentDisposition,
        "X-Fal-Request-Id", "X-Fal-Billable-Units", "X-Fal-Error-Type", "X-Fal-Request-Timeout-Type", "X-KlingProxy-Ignored", // fal's own clients read these
    ];

    public static void AddCrossOrigin(this IServiceCollection services)
    {
        services.AddCors();
        services.AddOptions<CorsOptions>().Configure<IOptions<AccessOptions>>((cors, access) => cors.AddDefaultPolicy(policy => policy
            .SetIsOriginAllowed(origin => access.Value.Origins.Contains(origin, StringComparer.Ordinal)) // WithOrigins would put all of them into lower case
            .WithMethods(Methods)
            .AllowAnyHeader() // what a listed page sends is its own; only names that we know are read
            .WithExposedHeaders(Exposed)
            .SetPreflightMaxAge(PreflightLifetime)));
    }

    /// <summary>In front of every refusal, or a page could not read why. No page calls what only fal calls.</summary>
    public static void UseCrossOrigin(this IApplicationBuilder app) =>
        app.UseWhen(context => !context.Request.Path.StartsWithSegments("/webhooks"), pages => pages.Use(next => Answer(pages.ApplicationServices, next)));

    // As UseCors does; but what Invoke takes beside the request would, ahead of time, be found by reflection in every request.
    private static RequestDelegate Answer(IServiceProvider services, RequestDelegate next)
    {
        var cors = new CorsMiddleware(next, services.GetRequiredService<ICorsService>(), services.GetRequiredService<ILoggerFactory>());
        var policies = services.GetRequiredService<ICorsPolicyProvider>();
        return context => cors.Invoke(context, policies);
    }
}
