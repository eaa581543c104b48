using KlingProxy.Catalog;
using KlingProxy.Problems;

using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Net.Http.Headers;

namespace KlingProxy.Uploads;

/// <summary>Finds the image in a request: the body itself, or the one file of a form. Reads no further than to where the image begins.</summary>
internal sealed record UploadBody(IncomingImage? Image, ImageRefusal? Refusal)
{
    /// <summary>What boundaries, part headers and other fields of a form may take beside the file. In bytes.</summary>
    public const int Framing = 64 * 1024;

    /// <summary>RFC 2046 5.1.1. In characters.</summary>
    private const int LongestBoundary = 70;

    public static async Task<UploadBody> Open(HttpRequest request, ImageLimits limits, CancellationToken cancel)
    {
        if (!MediaTypeHeaderValue.TryParse(request.ContentType, out var type))
            return WrongType();
        if (type.MediaType.Equals("multipart/form-data", StringComparison.OrdinalIgnoreCase))
            return await OpenForm(request, type, limits, cancel);

        // Which image the type claims is not believed, so "some bytes" is as good a claim; a form or a page is a mistake.
        return type.Type.Equals("image", StringComparison.OrdinalIgnoreCase) || type.MediaType.Equals("application/octet-stream", StringComparison.OrdinalIgnoreCase)
            ? new UploadBody(new IncomingImage(request.Body, request.ContentLength), null)
            : WrongType();
    }

    private static async Task<UploadBody> OpenForm(HttpRequest request, MediaTypeHeaderValue type, ImageLimits limits, CancellationToken cancel)
    {
        var boundary = HeaderUtilities.RemoveQuotes(type.Boundary).ToString();
        if (boundary.Length is 0 or > LongestBoundary)
            return Refuse(ImageRefusal.Malformed("multipart/form-data needs a boundary of 1 to 70 characters."));
        if (request.ContentLength > limits.MaxBytes + Framing)
            return Refuse(ImageRefusal.TooLarge(limits));
        if (request.HttpContext.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
            size.MaxRequestBodySize = limits.MaxBytes + Framing; // also of what stands around the file

        var form = new MultipartReader(boundary, request.Body);
        try
        {
            return await NextFile(form, cancel) is { } file
                ? new UploadBody(new IncomingImage(file.Body, null) { End = stop => RefuseMore(form, limits, stop) }, null)
                : Refuse(ImageRefusal.Malformed("The form holds no file; send exactly one, with a file name."));
        }
        catch (Exception failure) when (ImageRefusal.Of(failure, limits) is { } refusal)
        {
            return Refuse(refusal);
        }
    }

    private static async Task<ImageRefusal?> RefuseMore(MultipartReader form, ImageLimits limits, CancellationToken cancel)
    {
        try
        {
            return await NextFile(form, cancel) is null ? null : ImageRefusal.Malformed("The form holds more than one file; send exactly one.");
        }
        catch (Exception failure) when (ImageRefusal.Of(failure, limits) is { } refusal)
        {
            return refusal;
        }
    }

    // Fields that are not files are passed over: some form libraries add their own.
    private static async Task<MultipartSection?> NextFile(MultipartReader form, CancellationToken cancel)
    {
        while (await form.ReadNextSectionAsync(cancel) is { } section)
        {
            if (ContentDispositionHeaderValue.TryParse(section.ContentDisposition, out var disposition) && disposition.IsFileDisposition())
                return section;
        }
        return null;
    }

    private static UploadBody WrongType() =>
        Refuse(new ImageRefusal(JsonBody.WrongMediaType, "Expected an image type, application/octet-stream or multipart/form-data as Content-Type."));

    private static UploadBody Refuse(ImageRefusal refusal) => new(null, refusal);
}
