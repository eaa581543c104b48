using System.Security.Cryptography;
using System.Text;

using KlingProxy.Ids;

using Microsoft.Extensions.Options;

namespace KlingProxy.Access.Credentials;

/// <summary>The first key, from the settings.</summary>
internal sealed class OperatorCredential(IOptions<AccessOptions> options) : ICredentialValidator
{
    private static readonly CredentialResult Operator = new CredentialResult.Granted(new Caller(CallerId.Operator), Scope.Operator);

    public ValueTask<CredentialResult?> Validate(string secret, HttpRequest request, CancellationToken cancel) =>
        ValueTask.FromResult(options.Value.OperatorKey is { Length: > 0 } key && IsSame(secret, key) ? Operator : null);

    private static bool IsSame(string one, string other) =>
        CryptographicOperations.FixedTimeEquals(SHA256.HashData(Encoding.UTF8.GetBytes(one)), SHA256.HashData(Encoding.UTF8.GetBytes(other)));
}
