using System.Text.RegularExpressions;

using KlingProxy.Http.Problems;
using KlingProxy.Models.Input;
using KlingProxy.Uploads.Keeping;

using Microsoft.AspNetCore.WebUtilities;

namespace KlingProxy.Uploads.Receiving;

/// <summary>RFC 7578: a form with the image as its one file. Fields that are not files are passed over: some form libraries add their own.</summary>
internal sealed partial class UploadForm(MultipartReader parts, ImageLimits limits)
{
    public async Task<(IncomingImage? Image, Refusal? Refusal)> Open(CancellationToken cancel)
    {
        try
        {
            return await NextFile(cancel) is { } file
                ? (new IncomingImage(file.Body, null) { End = RefuseMore, Malformed = FormBoundary.Malformed }, null)
                : (null, ImageRefusal.Malformed("The form holds no file; send exactly one, with a file name."));
        }
        catch (Exception failure) when (ImageRefusal.Of(failure, limits, FormBoundary.Malformed) is { } refusal)
        {
            return (null, refusal);
        }
    }

    private async Task<Refusal?> RefuseMore(CancellationToken cancel)
    {
        try
        {
            return await NextFile(cancel) is null ? null : ImageRefusal.Malformed("The form holds more than one file; send exactly one.");
        }
        catch (Exception failure) when (ImageRefusal.Of(failure, limits, FormBoundary.Malformed) is { } refusal)
        {
            return refusal;
        }
    }

    private async Task<MultipartSection?> NextFile(CancellationToken cancel)
    {
        while (await parts.ReadNextSectionAsync(cancel) is { } part)
        {
            if (IsFile(part))
                return part;
        }
        return null;
    }

    // A file input in which nothing was chosen sends filename="". A file that was put in without a name says at least what it is.
    private static bool IsFile(MultipartSection part) =>
        FileName().Match(part.ContentDisposition ?? "") is { Success: true } name
            ? name.Groups["name"].Length > 0
            : part.ContentType is { } type && (type.StartsWith("image/", StringComparison.OrdinalIgnoreCase)
                || type.StartsWith("application/octet-stream", StringComparison.OrdinalIgnoreCase));

    // Both spellings, with and without quotes. Programs put whatever they like between these, so no grammar is held against it; the name is not used.
    [GeneratedRegex("""(?:^|[;\s])filename\*?\s*=\s*(?:"(?<name>[^"]*)|(?<name>[^;"]*))""",
        RegexOptions.CultureInvariant | RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex FileName();
}
