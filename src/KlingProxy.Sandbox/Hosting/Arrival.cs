using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace KlingProxy.Sandbox.Hosting;

/// <summary>What the gate has read of a request before its handler runs.</summary>
internal sealed record Arrival(ReceivedCall Call, ReadOnlyMemory<byte> Body)
{
    public static Arrival Of(HttpContext context) => context.Features.GetRequiredFeature<Arrival>();
}

/// <summary>Which operation a route is, and whether it is open to callers without a key.</summary>
internal sealed record RouteMark(SandboxOperation Operation, bool IsPublic)
{
    public static readonly RouteMark Unknown = new(SandboxOperation.Unknown, IsPublic: false);
}
