using System.Collections.Concurrent;

namespace KlingProxy.Tests.Fixtures;

/// <summary>Which of the service's calls to fal are still without an answer. A clock that turns past them would cut them off.</summary>
public sealed class FalTraffic : DelegatingHandler
{
    private readonly ConcurrentDictionary<HttpRequestMessage, string> inTheAir = new();

    public IReadOnlyCollection<string> InTheAir => [.. inTheAir.Values];

    public bool IsClear => inTheAir.IsEmpty;

    /// <summary>What happens while the next submit waits for a connection; once.</summary>
    public Action? WhileConnecting { get; set; }

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        inTheAir[request] = $"{request.Method} {request.RequestUri?.AbsolutePath}";
        try
        {
            if (request.Method == HttpMethod.Post && WhileConnecting is { } happens)
            {
                WhileConnecting = null;
                happens();
            }
            return await base.SendAsync(request, cancellationToken);
        }
        finally
        {
            inTheAir.TryRemove(request, out _);
        }
    }
}
