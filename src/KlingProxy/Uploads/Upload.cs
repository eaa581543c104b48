using System.Security.Cryptography;
using System.Text.RegularExpressions;

using KlingProxy.Ids;

namespace KlingProxy.Uploads;

/// <summary>One image that we saw pass into fal's storage.</summary>
/// <param name="Id"><c>upl_…</c>, 128 random bits.</param>
/// <param name="CallerId">Who owns it.</param>
/// <param name="Url">fal's address of it, exactly as fal wrote it.</param>
/// <param name="ContentType">What the bytes are, not what they were called.</param>
/// <param name="Width">In pixels, as the image is to be shown: after the rotation that its EXIF data asks for. Likewise the height.</param>
/// <param name="Sha256">Of all bytes, in lower-case hexadecimal.</param>
internal sealed partial record Upload(
    string Id, CallerId CallerId, string Url, string ContentType, int Width, int Height, long Bytes, string Sha256, DateTimeOffset CreatedAt)
{
    /// <summary>fal keeps for a week at least what nobody gave a shorter life; a job made from it takes an hour at most.</summary>
    public static readonly TimeSpan Reusable = TimeSpan.FromDays(5);

    /// <summary>Until then the same bytes of the same caller are this upload; <c>null</c> where it has a life of its own.</summary>
    public DateTimeOffset? ReusableUntil { get; init; }

    public static string NewId() => "upl_" + RandomNumberGenerator.GetHexString(32, lowercase: true);

    /// <summary>
    /// The id in an address of ours that stands for an upload; <c>null</c> in any other. Whose upload it is must be asked: the address proves nothing.
    /// </summary>
    public static string? IdIn(string address) => OwnAddress().Match(address) is { Success: true } match ? match.Groups["id"].Value : null;

    // Below whatever host and path we are published at: callers reach us by several names.
    [GeneratedRegex(@"^https?://[^?#]+/fal/files/(?<id>upl_[0-9a-f]{32})/[A-Za-z0-9_-]+\z", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex OwnAddress();
}
