using System.Security.Cryptography;

namespace KlingProxy.Uploads;

/// <summary>One image that we saw pass into fal's storage.</summary>
/// <param name="Id"><c>upl_…</c>, 128 random bits.</param>
/// <param name="CallerId">Who owns it.</param>
/// <param name="Url">fal's address of it, exactly as fal wrote it.</param>
/// <param name="ContentType">What the bytes are, not what they were called.</param>
/// <param name="Width">In pixels, as the header states it, before any EXIF rotation; likewise the height.</param>
/// <param name="Sha256">Of all bytes, in lower-case hexadecimal.</param>
internal sealed record Upload(
    string Id, string CallerId, string Url, string ContentType, int Width, int Height, long Bytes, string Sha256, DateTimeOffset CreatedAt)
{
    public static string NewId() => "upl_" + RandomNumberGenerator.GetHexString(32, lowercase: true);
}
