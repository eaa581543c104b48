namespace KlingProxy.Catalog;

/// <summary>An input without fault.</summary>
/// <param name="Seconds">The seconds of video that will be billed at most.</param>
/// <param name="GenerateAudio">Whether the price with sound applies.</param>
/// <param name="Images">In the order of the body.</param>
/// <param name="Input">The JSON for fal: what was sent, without nulls, in the schema's order. Equal inputs are equal strings.</param>
internal sealed record VideoRequest(int Seconds, bool GenerateAudio, IReadOnlyList<InputImage> Images, string Input)
{
    /// <summary>The same request after an inline image has become an upload.</summary>
    public VideoRequest WithUpload(InputImage inline, string url) => this with
    {
        Images = [.. Images.Select(image => image == inline ? image with { Kind = ImageKind.OwnUpload, Url = url } : image)],
        Input = InputWriter.Replace(Input, inline.Field, url),
    };
}
