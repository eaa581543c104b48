namespace KlingProxy.Models.Input;

/// <param name="Field">The field it was sent in.</param>
/// <param name="Url">As it was sent; for <see cref="ImageKind.Inline"/> the text that stands where the data URI was taken out.</param>
internal sealed record InputImage(string Field, ImageKind Kind, string Url);

internal enum ImageKind
{
    /// <summary>On somebody's public host; fal reads it from there.</summary>
    Remote,

    /// <summary>One of the caller's own uploads.</summary>
    OwnUpload,

    /// <summary>A data URI of an allowed type and size; to be uploaded before fal sees the input.</summary>
    Inline,
}

/// <summary>Why an image is refused: a rule's code and its text.</summary>
internal sealed record ImageFault(string Code, string Detail);
