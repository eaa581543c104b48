using System.Globalization;

using KlingProxy.Fal.Calls;
using KlingProxy.Ids;

using Microsoft.Extensions.Options;

using Polly.Timeout;

namespace KlingProxy.Fal.Queue;

/// <summary>
/// fal's queue, typed (docs/fal-contract.md §2). Every call answers with a closed set of outcomes; none of them throws for what a network does.
/// </summary>
internal sealed partial class FalQueue(
    FalHttp http, FalKey key, FalRetryingCalls reads, FalPipelines pipelines, IOptions<FalOptions> options, TimeProvider time, ILogger<FalQueue> logger)
{
    private FalOptions Fal => options.Value;

    /// <summary>Spends money. Call it once per job, and only after the job is on disk. It takes no cancellation: what was begun is heard out.</summary>
    /// <param name="model">A catalogue id.</param>
    /// <param name="input">The model's input itself; fal takes no envelope.</param>
    /// <param name="webhook">Where fal reports the end; none when nothing outside can reach us.</param>
    /// <param name="terms">Within the operator's limits.</param>
    /// <param name="leaveBy">From then on it may not leave any more, however long a connection took.</param>
    public async Task<FalSubmission> Submit(string model, ReadOnlyMemory<byte> input, Uri? webhook, FalTerms terms, DateTimeOffset leaveBy)
    {
        if (!key.IsReadable)
            return new FalSubmission.NotNow("the key cannot be read");
        try
        {
            using var reply = await pipelines.Submit.ExecuteAsync(async attempt =>
            {
                using var request = new HttpRequestMessage(HttpMethod.Post, FalAddress.Submit(Fal, model, webhook))
                { Content = new PunctualContent(input, leaveBy, time) };
                AddTerms(request, terms);
                return await http.WithKey(request, HttpCompletionOption.ResponseContentRead, attempt);
            });
            return FalReading.Submission(await FalReply.Of(reply, CancellationToken.None));
        }
        catch (LateRequestException)
        {
            return new FalSubmission.NotNow("there was no connection in time");
        }
        catch (Exception error) when (error.IsProvablyUnsent)
        {
            return new FalSubmission.NotNow("fal could not be reached");
        }
        catch (Exception error) when (error is HttpRequestException or TimeoutRejectedException or OperationCanceledException or IOException)
        {
            LogUnanswered(error.GetType().Name);
            return new FalSubmission.Unanswered("the answer was lost");
        }
    }

    /// <summary>With its logs; or without, where a model prints more than may be read, since how far it is matters more.</summary>
    public async Task<FalStatus> Status(string model, FalRequestId requestId, CancellationToken cancel)
    {
        var reply = await Ask(logs: 1);
        return FalReading.Status(reply.IsTooLong ? await Ask(logs: 0) : reply);

        Task<FalReply> Ask(int logs) => reads.WithKey(HttpMethod.Get, FalAddress.Request(Fal, model, requestId, $"/status?logs={logs}"), cancel);
    }

    public async Task<FalResult> Result(string model, FalRequestId requestId, CancellationToken cancel) =>
        FalReading.Result(await reads.WithKey(HttpMethod.Get, FalAddress.Request(Fal, model, requestId), cancel));

    public async Task<FalCancellation> Cancel(string model, FalRequestId requestId, CancellationToken cancel) =>
        FalReading.Cancellation(await reads.WithKey(HttpMethod.Put, FalAddress.Request(Fal, model, requestId, "/cancel"), cancel));

    private static void AddTerms(HttpRequestMessage request, FalTerms terms)
    {
        // Two names of one thing: the newer wins where it is known, and allows less than a second.
        foreach (var name in new[] { "x-fal-request-timeout", "x-fal-request-start-timeout" })
            request.Headers.Add(name, terms.StartTimeout.TotalSeconds.ToString(CultureInfo.InvariantCulture));
        if (terms.LowPriority)
            request.Headers.Add("x-fal-queue-priority", "low");
        if (terms.KeepFilesFor is { } keepFor)
            request.Headers.Add("x-fal-object-lifecycle-preference", FalTerms.Lifecycle(keepFor));
    }

    [LoggerMessage(4001, LogLevel.Warning, "A submit to fal went unanswered ({Error}); it is not sent again")]
    private partial void LogUnanswered(string error);
}
