using System.Diagnostics.CodeAnalysis;

using KlingProxy.Sandbox.Media;
using KlingProxy.Sandbox.Queue;
using KlingProxy.Sandbox.Storage;
using KlingProxy.Sandbox.Webhooks;

using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace KlingProxy.Sandbox.Hosting;

/// <summary>Everything that one sandbox owns; the routes are its only users.</summary>
internal sealed class SandboxState : IAsyncDisposable
{
    private readonly CancellationTokenSource stopping = new();

    public SandboxState(SandboxOptions options)
    {
        Options = options;
        Files = new FileStore();
        Keys = new SigningKeys(options.SigningSeed.Span);
        Webhooks = new WebhookSender(options, Keys);
        Follower = new JobFollower(options.Clock, new VideoMaker(this), Webhooks);
    }

    public SandboxOptions Options { get; }

    /// <summary>Known once the socket is bound.</summary>
    public Uri Url { get; set; } = new("http://127.0.0.1");

    public SandboxFault? Fault { get; set; }
    public SandboxStorageFault? StorageFault { get; set; }
    public bool PlatformFails { get; set; }
    public CallLog Calls { get; } = new();
    public JobRegistry Jobs { get; } = new();
    public FileStore Files { get; }
    public SigningKeys Keys { get; }
    public WebhookSender Webhooks { get; }
    public JobFollower Follower { get; }

    public CancellationToken Stopping => stopping.Token;
    public DateTimeOffset Now => Options.Clock.GetUtcNow();

    /// <summary>What takes a submit there; <c>null</c> where nothing does.</summary>
    public SandboxEndpoint? EndpointAt(string? path) =>
        SandboxEndpoint.O3.Concat(Options.Endpoints).FirstOrDefault(endpoint => endpoint.Id.Equals(path?.Trim('/'), StringComparison.OrdinalIgnoreCase));

    /// <summary>The job at an address of its app; below another app nobody knows it.</summary>
    public Job? JobAt(HttpContext context) =>
        Jobs.Find((string?)context.GetRouteValue("rid")) is { } job && context.Request.Path.StartsWithSegments($"/{job.Endpoint.App}") ? job : null;

    public void Stop() => stopping.Cancel();

    /// <summary>The stored file behind a URL of this sandbox; null for any other URL.</summary>
    public StoredFile? FileAt(string? url) =>
        IsOwn(url, out var parsed) && parsed.Segments is ["/", "files/", "b/", var token, _] ? Files.Find(token.TrimEnd('/')) : null;

    /// <summary>A URL of this sandbox at which there is nothing.</summary>
    public bool LacksFile(string? url) => IsOwn(url, out _) && FileAt(url) is null;

    private bool IsOwn(string? url, [NotNullWhen(true)] out Uri? parsed) =>
        Uri.TryCreate(url, UriKind.Absolute, out parsed) && parsed.Scheme == Url.Scheme && parsed.Authority == Url.Authority;

    public async ValueTask DisposeAsync()
    {
        stopping.Cancel();
        await Task.WhenAll(Jobs.All.Select(job => job.Settled)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        Webhooks.Dispose();
        Keys.Dispose();
        Jobs.Dispose();
        stopping.Dispose();
    }
}
