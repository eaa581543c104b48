using System.Net.Http.Headers;

using Microsoft.Extensions.Options;

namespace KlingProxy.Access.Credentials;

/// <summary>
/// What a request comes with, judged once: a credential, else a signed link, else, where it is switched on, nobody in particular. A credential that is sent
/// and wrong is refused even where none is needed.
/// </summary>
internal sealed class RequestCredential(IEnumerable<ICredentialValidator> kinds, SignedLinks links, IOptions<AccessOptions> access)
{
    private readonly ICredentialValidator[] kinds = [.. kinds];

    /// <returns><c>null</c> where nothing came, and something is needed.</returns>
    public async ValueTask<CredentialResult?> Of(HttpContext context)
    {
        if (context.Features.Get<Judged>() is { } known)
            return known.Result;
        var result = await Judge(context);
        context.Features.Set(new Judged(result));
        return result;
    }

    // "Key" is how fal's own clients say it.
    public static string? Secret(string? header) =>
        AuthenticationHeaderValue.TryParse(header, out var value)
        && (value.Scheme.Equals("Bearer", StringComparison.OrdinalIgnoreCase) || value.Scheme.Equals("Key", StringComparison.OrdinalIgnoreCase))
            ? value.Parameter
            : null;

    private async ValueTask<CredentialResult?> Judge(HttpContext context)
    {
        var request = context.Request;
        if (request.Headers.Authorization is { Count: > 0 } header)
            return await Validate(header, request, context.RequestAborted);
        if (SignedLinks.IsPresent(request))
            return links.Opens(request) ? new CredentialResult.Granted(Caller.Link, Scope.Link) : CredentialResult.Unknown;
        return access.Value.Anonymous ? new CredentialResult.Granted(Caller.Anonymous(context), Scope.Jobs) : null;
    }

    private async ValueTask<CredentialResult> Validate(string? authorization, HttpRequest request, CancellationToken cancel)
    {
        if (Secret(authorization) is { } secret)
            foreach (var kind in kinds)
                if (await kind.Validate(secret, request, cancel) is { } admission)
                    return admission;
        return CredentialResult.Unknown;
    }

    private sealed record Judged(CredentialResult? Result);
}
