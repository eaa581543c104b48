using KlingProxy.Http.Problems;

namespace KlingProxy.Models.Input;

/// <summary>An input as it was checked: every rule that it breaks, what it would be billed by, and what goes to fal.</summary>
/// <param name="Violations">In the order of the body; what is missing, or wrong together, comes after what is there.</param>
/// <param name="Seconds">What would be billed at most; known as soon as duration and shots are right, so that a half-filled form has a price.</param>
/// <param name="HasAudio">Whether the price with sound applies.</param>
/// <param name="Images">Those without fault, in the order of the body.</param>
/// <param name="Input">
/// The JSON for fal: what was sent, without nulls, in the schema's order. Equal inputs are equal strings. <c>null</c> when a rule is broken.
/// </param>
internal sealed record VideoRequest(IReadOnlyList<Violation> Violations, int? Seconds, bool HasAudio, IReadOnlyList<InputImage> Images, string? Input)
{
    /// <summary>The same request with an upload, by its address at fal, in the place of an image. Only where no rule is broken.</summary>
    public VideoRequest WithUpload(InputImage sent, string url) => this with
    {
        Images = [.. Images.Select(image => image == sent ? image with { Kind = ImageKind.OwnUpload, Url = url } : image)],
        Input = InputWriter.Replace(Input!, sent.Field, url),
    };
}
