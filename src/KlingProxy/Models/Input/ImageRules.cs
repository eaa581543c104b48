using System.Text.Json;

using KlingProxy.Http.Bodies;

namespace KlingProxy.Models.Input;

/// <summary>The rules of an image field: an upload of the caller's, a public https URL, or a data URI.</summary>
internal static class ImageRules
{
    /// <param name="ownUpload">Whether this is the URL of an upload of the caller's own; then its host does not matter.</param>
    /// <param name="inline">Images that stood in the body itself, by the texts that stand there now.</param>
    public static InputImage? Check(
        InputField field, JsonElement value, ImageLimits limits, Func<string, bool> ownUpload, IReadOnlyDictionary<string, DataUri>? inline, string pointer,
        Findings found)
    {
        if (ValueRules.Read(field, value, pointer, found) is not { } url)
            return null;

        var (kind, fault) = url.StartsWith("data:", StringComparison.OrdinalIgnoreCase)
            ? (ImageKind.Inline, InlineImage.FaultOf(inline?.GetValueOrDefault(url), limits))
            : url.Length > limits.MaxUrlLength ? (ImageKind.Remote, new("too-long", $"An image URL may have at most {limits.MaxUrlLength} characters."))
            : ownUpload(url) ? (ImageKind.OwnUpload, null)
            : !limits.RemoteUrls ? (ImageKind.Remote, new(
                "own-uploads-only", "Only your own uploads are accepted: send the image to POST /v1/uploads and use the `url` of the answer."))
            : (ImageKind.Remote, RemoteImage.FaultOf(url));

        if (fault is null)
            return new InputImage(field.Name, kind, url);

        found.Add(pointer, fault.Code, fault.Detail);
        return null;
    }
}
