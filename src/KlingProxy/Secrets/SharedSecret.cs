using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace KlingProxy.Secrets;

/// <summary>
/// A secret that all replicas share, because it is in the database: whoever needs it first makes it, and nobody ever sees it. It vouches for texts or
/// seals them; one secret does one of the two.
/// </summary>
/// <param name="name">Under which it is kept. With another one, nothing that was made before would open.</param>
internal sealed class SharedSecret(ISecretStore store, string name)
{
    /// <summary>In bytes.</summary>
    private const int SecretSize = 32, MacSize = 16, NonceSize = 12, TagSize = 16;

    private byte[]? opened;

    private byte[] Secret => opened ?? throw new InvalidOperationException($"The secret {name} is not open yet.");

    /// <summary>Fetches it, once; before that, nothing else works.</summary>
    public async ValueTask Open(CancellationToken cancel) => opened ??= await store.GetOrAdd(name, RandomNumberGenerator.GetBytes(SecretSize), cancel);

    /// <returns>128 bits in hex, which nobody else can make for this text.</returns>
    public string Mac(string text) => Convert.ToHexStringLower(HMACSHA256.HashData(Secret, Encoding.UTF8.GetBytes(text)).AsSpan(0, MacSize));

    /// <summary>Whether it is the MAC of the text; takes as long whether it is or not.</summary>
    public bool Proves(string text, string mac) => CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(Mac(text)), Encoding.UTF8.GetBytes(mac));

    /// <returns>What only <see cref="Unseal"/> can read, and nobody can change; fit for an address. Another one each time.</returns>
    public string Seal(string text)
    {
        var plain = Encoding.UTF8.GetBytes(text);
        var seal = new byte[NonceSize + plain.Length + TagSize];
        RandomNumberGenerator.Fill(seal.AsSpan(0, NonceSize));
        using var cipher = new AesGcm(Secret, TagSize);
        cipher.Encrypt(seal.AsSpan(0, NonceSize), plain, seal.AsSpan(NonceSize, plain.Length), seal.AsSpan(NonceSize + plain.Length));
        return Base64Url.EncodeToString(seal);
    }

    /// <returns><c>null</c> for what was not sealed with this secret.</returns>
    public string? Unseal(string seal)
    {
        if (!Base64Url.IsValid(seal))
            return null;
        var bytes = Base64Url.DecodeFromChars(seal);
        if (bytes.Length <= NonceSize + TagSize)
            return null;

        var plain = new byte[bytes.Length - NonceSize - TagSize];
        using var cipher = new AesGcm(Secret, TagSize);
        try
        {
            cipher.Decrypt(bytes.AsSpan(0, NonceSize), bytes.AsSpan(NonceSize, plain.Length), bytes.AsSpan(NonceSize + plain.Length), plain);
        }
        catch (AuthenticationTagMismatchException)
        {
            return null;
        }
        return Encoding.UTF8.GetString(plain);
    }
}
