using System.Net;

using Microsoft.Extensions.Options;

using Polly;
using Polly.Retry;
using Polly.Timeout;

namespace KlingProxy.Fal.Calls;

/// <summary>One Polly pipeline per kind of call. Reads retry; a submit is retried only where it provably never left this machine.</summary>
internal sealed class FalPipelines(IOptions<FalOptions> options, TimeProvider time)
{
    /// <summary>Status, result, cancel, storage initiate and key set: repeating them costs nothing.</summary>
    public ResiliencePipeline<HttpResponseMessage> Read { get; } = Builder(time)
        .AddRetry(new RetryStrategyOptions<HttpResponseMessage>
        {
            ShouldHandle = attempt => ValueTask.FromResult(attempt.Outcome switch
            {
                { Exception: HttpRequestException { HttpRequestError: HttpRequestError.ConfigurationLimitExceeded } } => false, // it would be as long again
                { Exception: HttpRequestException or TimeoutRejectedException } => true,
                { Result: { } reply } => IsTransient(reply.StatusCode),
                _ => false,
            }),
            MaxRetryAttempts = 2,
            BackoffType = DelayBackoffType.Exponential,
            Delay = TimeSpan.FromMilliseconds(200),
            MaxDelay = TimeSpan.FromSeconds(2),
            UseJitter = true,
        })
        .AddTimeout(options.Value.ReadTimeout)
        .Build();

    /// <summary>The one call that spends money. Two identical POSTs are two jobs and two bills (docs/fal-contract.md §2.2).</summary>
    public ResiliencePipeline<HttpResponseMessage> Submit { get; } = Builder(time)
        .AddTimeout(options.Value.SubmitTimeout)
        .AddRetry(new RetryStrategyOptions<HttpResponseMessage>
        {
            ShouldHandle = attempt => ValueTask.FromResult(attempt.Outcome.Exception is { } error && error.IsProvablyUnsent),
            MaxRetryAttempts = 2,
            BackoffType = DelayBackoffType.Exponential,
            Delay = TimeSpan.FromMilliseconds(100),
            UseJitter = true,
        })
        .Build();

    private static bool IsTransient(HttpStatusCode status) => (int)status >= 500 || status is HttpStatusCode.TooManyRequests;

    private static ResiliencePipelineBuilder<HttpResponseMessage> Builder(TimeProvider time) => new() { TimeProvider = time };
}
