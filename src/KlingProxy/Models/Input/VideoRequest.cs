namespace KlingProxy.Models.Input;

/// <summary>An input without fault.</summary>
/// <param name="Seconds">The seconds of video that will be billed at most.</param>
/// <param name="GenerateAudio">Whether the price with sound applies.</param>
/// <param name="Images">In the order of the body.</param>
/// <param name="Input">The JSON for fal: what was sent, without nulls, in the schema's order. Equal inputs are equal strings.</param>
internal sealed record VideoRequest(int Seconds, bool GenerateAudio, IReadOnlyList<InputImage> Images, string Input)
{
    /// <summary>The same request with an upload, by its address at fal, in the place of an image.</summary>
    public VideoRequest WithUpload(InputImage sent, string url) => this with
    {
        Images = [.. Images.Select(image => image == sent ? image with { Kind = ImageKind.OwnUpload, Url = url } : image)],
        Input = InputWriter.Replace(Input, sent.Field, url),
    };
}
