using System.Security.Cryptography;
using System.Text;

using KlingProxy.Ids;

using Microsoft.Extensions.Options;

namespace KlingProxy.Access.Credentials;

/// <summary>The first key, from the settings.</summary>
internal sealed class OperatorCredential(IOptions<AccessOptions> options) : ICredentialValidator
{
    private static readonly CredentialResult Operator = new CredentialResult.Granted(new Caller(CallerId.Operator), Scope.Operator);

    private readonly Lazy<byte[]?> known = new(() => options.Value.OperatorKey is { Length: > 0 } key ? HashOf(key) : null);

    public ValueTask<CredentialResult?> Validate(string secret, HttpRequest request, CancellationToken cancel) =>
        ValueTask.FromResult(known.Value is { } hash && CryptographicOperations.FixedTimeEquals(HashOf(secret), hash) ? Operator : null);

    private static byte[] HashOf(string secret) => SHA256.HashData(Encoding.UTF8.GetBytes(secret));
}
