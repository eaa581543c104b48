using System.Security.Cryptography;
using System.Text;

namespace KlingProxy.Access;

/// <summary>One credential, as we keep it: the secret itself is shown once and never stored.</summary>
/// <param name="Id"><c>key_…</c>; what its jobs and uploads are owned by.</param>
/// <param name="Hash">SHA-256 of the secret. The secret has 192 random bits, so a slow hash would buy nothing.</param>
/// <param name="Hint">Prefix and last four characters, to recognise it by in lists and logs.</param>
internal sealed record ApiKey(
    string Id, string Name, IReadOnlyList<string> Scopes, byte[] Hash, string Hint,
    DateTimeOffset CreatedAt, DateTimeOffset? ExpiresAt, DateTimeOffset? RevokedAt)
{
    public const string Prefix = "kp_";

    public bool IsUsable(DateTimeOffset now) => RevokedAt is null && (ExpiresAt is null || now < ExpiresAt);

    public static (ApiKey Key, string Secret) Create(string name, IReadOnlyList<string> scopes, DateTimeOffset? expiresAt, DateTimeOffset now)
    {
        var secret = Prefix + RandomNumberGenerator.GetHexString(48, lowercase: true);
        var id = "key_" + RandomNumberGenerator.GetHexString(32, lowercase: true);
        return (new ApiKey(id, name, scopes, HashOf(secret), $"{Prefix}…{secret[^4..]}", now, expiresAt, null), secret);
    }

    public static byte[] HashOf(string secret) => SHA256.HashData(Encoding.UTF8.GetBytes(secret));
}
