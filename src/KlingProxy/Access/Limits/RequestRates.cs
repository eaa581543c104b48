using System.Globalization;

using KlingProxy.Access.Credentials;
using KlingProxy.Access.Network;
using KlingProxy.Http.Problems;
using KlingProxy.Ids;

using Microsoft.AspNetCore.Authorization;
using Microsoft.Extensions.Options;

namespace KlingProxy.Access.Limits;

/// <summary>
/// How often each caller may call: per caller, and where there is none per signed link, or per address, so that guessing credentials is limited too. What is
/// open to everyone (the page, the manual, health, fal's way in) is not counted. Every counted answer says what is left.
/// </summary>
internal sealed class RequestRates(IOptions<LimitsOptions> options, TimeProvider time)
{
    /// <summary>As the IETF's draft on RateLimit header fields has them.</summary>
    public const string Header = "RateLimit", PolicyHeader = "RateLimit-Policy";

    // A key's limit is a part of its name here: what an operator changes holds at once.
    private readonly RateWindows<(string Who, int Limit)> callers = new(TimeSpan.FromMinutes(1), time);

    /// <summary>Middleware, after it is known who calls: whoever calls too often gets 429, and when to come back.</summary>
    public Task Pass(HttpContext context, RequestDelegate next)
    {
        if (context.GetEndpoint()?.Metadata.GetMetadata<IAllowAnonymous>() is not null)
            return next(context);
        var caller = Caller.Of(context.User);
        var limit = caller.Limits.RequestsPerMinute ?? options.Value.RequestsPerMinute;
        var lease = callers.Take((Who(caller, context), limit), limit);
        AddHeaders(context, lease);
        return lease.IsAcquired ? next(context) : Refusal(lease).Answer().ExecuteAsync(context);
    }

    private static string Who(Caller caller, HttpContext context) =>
        caller.Id != CallerId.Nobody ? caller.Id.Value
        : caller.Kind == CallerKind.Link ? $"link:{context.Request.Path}" // we signed it: whoever is at the same address with nothing cannot close it
        : $"address:{CallerAddress.Of(context)}";

    private static Refusal Refusal(RateLease full) => AccessProblems.TooManyRequests.Because(
        $"You may call {full.Limit} times in {full.Length.TotalSeconds:0} seconds.", figures: ("limit", full.Limit))
        with
    { RetryAfter = TimeSpan.FromSeconds(full.ResetSeconds) };

    // At the last moment: the exception handler clears headers.
    private static void AddHeaders(HttpContext context, RateLease lease) => context.Response.OnStarting(() =>
    {
        context.Response.Headers[PolicyHeader] = $"\"default\";q={Text(lease.Limit)};w={Text((int)lease.Length.TotalSeconds)}";
        context.Response.Headers[Header] = $"\"default\";r={Text(lease.Left)};t={Text(lease.ResetSeconds)}";
        return Task.CompletedTask;
    });

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
