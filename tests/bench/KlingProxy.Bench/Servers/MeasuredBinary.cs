using System.Security.Cryptography;

namespace KlingProxy.Bench.Servers;

/// <summary>Which binary is measured: the one that runs, as it says itself, and not what the checkout would make.</summary>
/// <param name="path">Of the file.</param>
/// <param name="newerSource">A source of the checkout that has changed since it was built; <c>null</c> where none has.</param>
internal sealed class MeasuredBinary(string path, string? newerSource)
{
    private const string VersionHeader = "X-KlingProxy-Version:";

    private readonly string sha256 = Hash(path);
    private readonly SortedSet<string> versions = new(StringComparer.Ordinal);

    public string Path => path;

    /// <summary>Takes down which version answers.</summary>
    /// <param name="head">Of an answer of <c>/health/live</c>.</param>
    public void Answered(string head)
    {
        var line = head.Split("\r\n").FirstOrDefault(line => line.StartsWith(VersionHeader, StringComparison.OrdinalIgnoreCase));
        versions.Add(line?[VersionHeader.Length..].Trim() ?? "of no version");
    }

    /// <returns><c>null</c> where no service was started since.</returns>
    /// <exception cref="InvalidOperationException">Another binary lies there now: nobody knows which turn measured which.</exception>
    public BinaryIdentity? Identity()
    {
        if (versions.Count == 0)
            return null;
        return versions.Count == 1 && Hash(path) == sha256
            ? new BinaryIdentity(versions.Single(), sha256, newerSource)
            : throw new InvalidOperationException($"{path} was replaced while it was measured.");
    }

    private static string Hash(string path)
    {
        using var file = File.OpenRead(path);
        return Convert.ToHexStringLower(SHA256.HashData(file));
    }
}

/// <param name="Version">As it answers for.</param>
/// <param name="Sha256">In lower-case hexadecimal.</param>
/// <param name="NewerSource">A source that is younger, so that it is not what the checkout makes; <c>null</c> where none is.</param>
internal sealed record BinaryIdentity(string Version, string Sha256, string? NewerSource)
{
    public override string ToString() => $"{Version}, sha256 {Sha256[..12]}";
}
