using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace KlingProxy.Sandbox.Hosting;

/// <summary>What the recorder has read of a request before its handler runs.</summary>
internal sealed record ReceivedBody(ReceivedCall Call, ReadOnlyMemory<byte> Body)
{
    public static ReceivedBody Of(HttpContext context) => context.Features.GetRequiredFeature<ReceivedBody>();
}

/// <summary>What a route asks of its caller; the Platform API refuses in a form of its own.</summary>
internal enum RouteAuth { Open, Key, PlatformKey, PlatformAdminKey }

/// <summary>Which operation a route is, and who may call it.</summary>
internal sealed record RouteMark(SandboxOperation Operation, RouteAuth Auth)
{
    public static readonly RouteMark Unknown = new(SandboxOperation.Unknown, RouteAuth.Key);
}
