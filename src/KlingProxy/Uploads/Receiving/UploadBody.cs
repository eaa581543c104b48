using KlingProxy.Http.Bodies;
using KlingProxy.Http.Problems;
using KlingProxy.Models.Input;
using KlingProxy.Uploads.Keeping;

using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.WebUtilities;

namespace KlingProxy.Uploads.Receiving;

/// <summary>Finds the image in a request: the body itself, or the one file of a form. Reads no further than to where the image begins.</summary>
internal sealed record UploadBody(IncomingImage? Image, Refusal? Refusal)
{
    /// <summary>What boundaries, part headers and other fields of a form may take beside the file. In bytes.</summary>
    public const int Framing = 64 * 1024;

    /// <summary>In bytes; what is read of a form at a time.</summary>
    private const int BufferSize = 64 * 1024;

    public static async Task<UploadBody> Open(HttpRequest request, ImageLimits limits, CancellationToken cancel)
    {
        if (ContentCoding.Refusal(request) is { } encoded)
            return Refuse(BodyProblems.WrongMediaType.Because(encoded));
        // Whatever the type claims is not believed, so none, or a wrong one, is as good a claim. A form is another matter: the image is a part of it.
        var type = request.ContentType ?? "";
        return type.StartsWith("multipart/form-data", StringComparison.OrdinalIgnoreCase)
            ? await OpenForm(request, type, limits, cancel)
            : new UploadBody(new IncomingImage(request.Body, request.ContentLength), null);
    }

    private static async Task<UploadBody> OpenForm(HttpRequest request, string type, ImageLimits limits, CancellationToken cancel)
    {
        if (request.ContentLength > limits.MaxBytes + Framing)
            return Refuse(ImageRefusal.TooLarge(limits));
        if (request.HttpContext.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
            size.MaxRequestBodySize = limits.MaxBytes + Framing; // also of what stands around the file

        try
        {
            var body = request.Body;
            var boundary = FormBoundary.In(type);
            if (boundary is null)
            {
                var start = new BufferedReadStream(body, BufferSize);
                body = start;
                if (await start.EnsureBufferedAsync(FormBoundary.Max + 16, cancel))
                    boundary = FormBoundary.AtStart(start.BufferedData);
            }
            if (boundary is null)
                return Refuse(ImageRefusal.Malformed("multipart/form-data needs a boundary of 1 to 70 characters. Let whoever writes the form write this "
                    + "header, too: fetch with FormData does when you set no Content-Type."));
            var (image, refusal) = await new UploadForm(new MultipartReader(boundary, body, BufferSize), limits).Open(cancel);
            return new UploadBody(image, refusal);
        }
        catch (Exception failure) when (ImageRefusal.Of(failure, limits, FormBoundary.Malformed) is { } malformed)
        {
            return Refuse(malformed);
        }
    }

    private static UploadBody Refuse(Refusal refusal) => new(null, refusal);
}
