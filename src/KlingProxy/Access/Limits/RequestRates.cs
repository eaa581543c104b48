using System.Globalization;
using System.Threading.RateLimiting;

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
internal sealed class RequestRates : PartitionedRateLimiter<HttpContext>
{
    /// <summary>As the IETF's draft on RateLimit header fields has them.</summary>
    public const string Header = "RateLimit", PolicyHeader = "RateLimit-Policy";

    private static readonly TimeSpan Window = TimeSpan.FromMinutes(1);

    private readonly PartitionedRateLimiter<HttpContext> callers;

    public RequestRates(IOptions<LimitsOptions> options, TimeProvider time) => callers = PartitionedRateLimiter.Create<HttpContext, (string, int)>(context =>
    {
        if (context.GetEndpoint()?.Metadata.GetMetadata<IAllowAnonymous>() is not null)
            return RateLimitPartition.GetNoLimiter(("", 0));
        var caller = Caller.Of(context.User);
        var who = caller.Id != CallerId.Nobody ? caller.Id.Value
            : caller.Kind == CallerKind.Link ? $"link:{context.Request.Path}" // we signed it: whoever is at the same address with nothing cannot close it
            : $"address:{CallerAddress.Of(context)}";
        return RateLimitPartition.Get((who, caller.Limits.RequestsPerMinute ?? options.Value.RequestsPerMinute),
            RateLimiter (key) => new RateWindow(key.Item2, Window, time));
    });

    /// <summary>429, and when to come back.</summary>
    public static async ValueTask Refuse(HttpContext context, RateLimitLease lease)
    {
        var refusal = AccessProblems.TooManyRequests.Because();
        if (lease is RateLease full)
        {
            refusal = AccessProblems.TooManyRequests.Because($"You may call {full.Limit} times in {full.Length.TotalSeconds:0} seconds.",
                figures: ("limit", full.Limit))
                with
            { RetryAfter = TimeSpan.FromSeconds(full.ResetSeconds) };
        }
        await refusal.Answer().ExecuteAsync(context);
    }

    public override RateLimiterStatistics? GetStatistics(HttpContext resource) => callers.GetStatistics(resource);

    protected override RateLimitLease AttemptAcquireCore(HttpContext resource, int permitCount) =>
        WithHeaders(resource, callers.AttemptAcquire(resource, permitCount));

    protected override async ValueTask<RateLimitLease> AcquireAsyncCore(HttpContext resource, int permitCount, CancellationToken cancellationToken) =>
        WithHeaders(resource, await callers.AcquireAsync(resource, permitCount, cancellationToken));

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            callers.Dispose();
        base.Dispose(disposing);
    }

    private static RateLimitLease WithHeaders(HttpContext context, RateLimitLease lease)
    {
        if (lease is RateLease counted)
        {
            context.Response.OnStarting(() => // at the last moment: the exception handler clears headers
            {
                context.Response.Headers[PolicyHeader] = $"\"default\";q={Text(counted.Limit)};w={Text((int)counted.Length.TotalSeconds)}";
                context.Response.Headers[Header] = $"\"default\";r={Text(counted.Left)};t={Text(counted.ResetSeconds)}";
                return Task.CompletedTask;
            });
        }
        return lease;
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
