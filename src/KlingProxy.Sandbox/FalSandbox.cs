using KlingProxy.Sandbox.Hosting;

using Microsoft.AspNetCore.Builder;

namespace KlingProxy.Sandbox;

/// <summary>
/// A fal in this process, over real sockets: queue, status streams, presigned uploads, signed webhooks, media, and faults on request.
/// </summary>
/// <remarks>
/// What it does not imitate:
/// <list type="bullet">
/// <item>TLS, fal's host names, CORS and rate limits; concurrency limits (every job has a runner); server-side retries.</item>
/// <item>Direct <c>fal.run</c>, tokens, multipart uploads, CDN tokens, models that are neither of O3 nor
/// named in <see cref="SandboxOptions.Endpoints"/>.</item>
/// <item>The Platform API but for requests by endpoint and usage: no models, prices, analytics, billing events, search, deletion of payloads.
/// Usage knows days in UTC, no other timeframe, no summary and no discounts; a request is listed only once it has ended.</item>
/// <item>Priority, runner hints, tags, <c>X-Fal-Store-IO</c> and object lifecycle: accepted, recorded, without effect.</item>
/// <item>Expiry: results last as long as the sandbox, presigned URLs until used, files until memory is short.</item>
/// <item>Fetching <c>image_url</c> and judging images: only a missing file of its own storage is an error.
/// Totals of <c>multi_prompt</c> are not checked.</item>
/// <item>4K and motion: the video is a zoom into the caller's image where that came as upload or data URI, else a bundled clip of 5 s.</item>
/// <item>Real fal refuses webhooks to loopback; here <see cref="SandboxOptions.DeliverToLoopback"/> decides. Cancelled jobs send none.</item>
/// <item>Money at the edges: a cancelled run stops at once and costs nothing unless <see cref="SandboxOptions.BillsCancelledRuns"/>;
/// a content refusal costs nothing, where fal may bill it.</item>
/// </list>
/// </remarks>
public sealed class FalSandbox : IAsyncDisposable
{
    private readonly SandboxState state;
    private readonly WebApplication server;
    private int disposed;

    private FalSandbox(SandboxState state, WebApplication server) => (this.state, this.server) = (state, server);

    /// <summary>Queue, REST and media host at once: <c>http://127.0.0.1:port</c>.</summary>
    public Uri Url => state.Url;

    public string Key => state.Options.Key;

    /// <summary>Opens usage, which <see cref="Key"/> does not.</summary>
    public string AdminKey => state.Options.AdminKey;

    public string UserId => state.Options.UserId;

    /// <summary>For every job submitted from now on; a prompt that names a fault wins.</summary>
    public SandboxFault? Fault
    {
        get => state.Fault;
        set => state.Fault = value;
    }

    /// <summary>For every upload from now on.</summary>
    public SandboxStorageFault? StorageFault
    {
        get => state.StorageFault;
        set => state.StorageFault = value;
    }

    /// <summary>Whether fetching the webhook keys fails, with 503.</summary>
    public bool JwksFails
    {
        get => state.Keys.Fails;
        set => state.Keys.Fails = value;
    }

    /// <summary>Whether the Platform API fails, with 503.</summary>
    public bool PlatformFails
    {
        get => state.PlatformFails;
        set => state.PlatformFails = value;
    }

    /// <summary>Every call, refused ones included, oldest first; beyond 20,000 the oldest are forgotten.</summary>
    public IReadOnlyList<ReceivedCall> Received => state.Calls.Snapshot;

    /// <summary>How many calls of each kind since the start; never forgets.</summary>
    public SandboxCounts Counts => state.Calls.Counts;

    /// <summary>Every accepted job in order of acceptance.</summary>
    public IReadOnlyList<SandboxJob> Jobs => [.. state.Jobs.All.Select(Describe)];

    /// <summary>Every webhook attempt, in order of its end.</summary>
    public IReadOnlyList<SandboxDelivery> Deliveries => [.. state.Webhooks.Deliveries];

    /// <summary>What all jobs together would have cost by now.</summary>
    public SandboxBill Billed => Jobs.Aggregate(SandboxBill.Nothing, (sum, job) => sum + job.Billed);

    public static async Task<FalSandbox> Start(SandboxOptions? options = null, CancellationToken cancel = default)
    {
        var state = new SandboxState(options ?? new SandboxOptions());
        try
        {
            return new FalSandbox(state, await Server.Start(state, cancel));
        }
        catch
        {
            await state.DisposeAsync();
            throw;
        }
    }

    public SandboxJob? FindJob(string requestId) => state.Jobs.Find(requestId) is { } job ? Describe(job) : null;

    public IReadOnlyList<ReceivedCall> ReceivedFor(string requestId) => [.. Received.Where(call => call.RequestId == requestId)];

    public SandboxCounts CountsFor(string requestId)
    {
        var calls = ReceivedFor(requestId);
        return SandboxCounts.Of(operation => calls.Count(call => call.Operation == operation), calls.Count(call => call.LeaksCredential));
    }

    /// <summary>What one job would have cost by now; nothing for an unknown one.</summary>
    public SandboxBill BilledFor(string requestId) => FindJob(requestId)?.Billed ?? SandboxBill.Nothing;

    /// <summary>Waits until nothing more happens to a job: it is over, and its webhook delivered or given up.</summary>
    /// <exception cref="KeyNotFoundException">There is no such job.</exception>
    public Task Settled(string requestId, CancellationToken cancel = default) =>
        (state.Jobs.Find(requestId) ?? throw new KeyNotFoundException($"No job {requestId}.")).Settled.WaitAsync(cancel);

    /// <summary>Signs with a new key from now on and publishes only that.</summary>
    public void RotateKeys() => state.Keys.Rotate();

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref disposed, 1) == 1) return;
        state.Stop(); // first, or open status streams would hold the server up
        await server.StopAsync();
        await server.DisposeAsync();
        await state.DisposeAsync();
    }

    private SandboxJob Describe(Queue.Job job)
    {
        var now = state.Now;
        return new(job.RequestId, job.Endpoint.Id, job.Timeline.At(now).Word, job.Input.Json, job.Webhook, job.Fault,
            job.BillAt(now, state.Options.BillsCancelledRuns));
    }
}
