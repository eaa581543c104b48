using System.Text.Json.Serialization;

namespace KlingProxy.Uploads;

/// <summary>An image that a job can be made from.</summary>
/// <param name="Id">Opaque.</param>
/// <param name="Url">Goes into an image field. Unguessable, and public to whoever has it.</param>
/// <param name="ContentType">What the bytes are, whatever they were called.</param>
/// <param name="Width">In pixels, as the image is shown: turned as its EXIF data asks for.</param>
/// <param name="Height">In pixels, as the image is shown: turned as its EXIF data asks for.</param>
/// <param name="Bytes">The size of the file.</param>
/// <param name="Sha256">Of the file, in lower-case hexadecimal.</param>
/// <param name="CreatedAt">When it was kept.</param>
internal sealed record UploadView(string Id, string Url, string ContentType, int Width, int Height, long Bytes, string Sha256, DateTimeOffset CreatedAt)
{
    public static UploadView Of(Upload upload) =>
        new(upload.Id, upload.Url, upload.ContentType, upload.Width, upload.Height, upload.Bytes, upload.Sha256, upload.CreatedAt);
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(UploadView))]
internal sealed partial class UploadsJson : JsonSerializerContext;
