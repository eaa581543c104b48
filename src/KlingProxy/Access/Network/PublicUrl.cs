using Microsoft.Extensions.Options;

namespace KlingProxy.Access.Network;

/// <summary>The base of every absolute link: <c>PublicUrl</c>, or without one the address that the caller used.</summary>
internal sealed class PublicUrl(IOptions<AccessOptions> options)
{
    /// <summary>Where fal could call us; <c>null</c> when nobody told.</summary>
    public Uri? Configured => options.Value.PublicUrl;

    /// <summary>What links begin with; equal bases make equal links.</summary>
    public LinkBase BaseOf(HttpRequest request) => Configured is null ? new LinkBase(request.Scheme, request.Host.Value ?? "") : default;

    /// <param name="path">Starts with a slash; may carry a query.</param>
    public string Link(HttpRequest request, string path) =>
        Configured is { } known ? Below(known, path) : $"{request.Scheme}://{request.Host}{path}";

    public static string Below(Uri known, string path) => known.AbsoluteUri.TrimEnd('/') + path;
}

/// <summary>The address that a caller used; that of nobody where links begin with <c>PublicUrl</c>.</summary>
internal readonly record struct LinkBase(string Scheme, string Host);
