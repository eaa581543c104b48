using System.Security.Cryptography;
using System.Text;

using KlingProxy.Ids;

namespace KlingProxy.Access.Keys;

/// <summary>One credential, as we keep it: the secret itself is shown once and never stored.</summary>
internal sealed record ApiKey
{
    /// <summary><c>key_…</c>; what its jobs and uploads are owned by, whatever its secret.</summary>
    public required string Id { get; init; }

    public required string Name { get; init; }

    public required IReadOnlyList<string> Scopes { get; init; }

    /// <summary>The only web pages that may use it; none listed: no page is asked about.</summary>
    public IReadOnlyList<string> Origins { get; init; } = [];

    public KeyLimits Limits { get; init; } = KeyLimits.Standard;

    public required byte[] Hash { get; init; }

    /// <summary>Prefix and last four characters, to recognise it by in lists and logs.</summary>
    public required string Hint { get; init; }

    /// <summary>The secret before the last rotation, which works until <see cref="FormerUntil"/>.</summary>
    public byte[]? FormerHash { get; init; }

    public DateTimeOffset? FormerUntil { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public DateTimeOffset? ExpiresAt { get; init; }

    public DateTimeOffset? RotatedAt { get; init; }

    public DateTimeOffset? RevokedAt { get; init; }

    public static string NewId() => CallerId.KeyPrefix + RandomNumberGenerator.GetHexString(32, lowercase: true);

    public bool IsUsable(DateTimeOffset now) => RevokedAt is null && (ExpiresAt is null || now < ExpiresAt);

    /// <param name="hash">Of the secret that somebody sent.</param>
    public bool Opens(ReadOnlySpan<byte> hash, DateTimeOffset now) =>
        IsUsable(now) && (hash.SequenceEqual(Hash) || (now < FormerUntil && WasFormer(hash)));

    /// <summary>Whether a secret of this hash is its own, or was before the last rotation.</summary>
    public bool Had(ReadOnlySpan<byte> hash) => hash.SequenceEqual(Hash) || WasFormer(hash);

    private bool WasFormer(ReadOnlySpan<byte> hash) => FormerHash is not null && hash.SequenceEqual(FormerHash);
}

/// <summary>What is shown once, of a key or a ticket. It has 192 random bits, so a slow hash would buy nothing.</summary>
internal sealed record KeySecret(string Text)
{
    public const string Prefix = "kp_";

    public byte[] Hash => HashOf(Text);

    public string Hint => $"{Prefix}…{Text[^4..]}";

    public static KeySecret New(string prefix = Prefix) => new(prefix + RandomNumberGenerator.GetHexString(48, lowercase: true));

    /// <summary>SHA-256.</summary>
    public static byte[] HashOf(string secret) => SHA256.HashData(Encoding.UTF8.GetBytes(secret));
}
