namespace KlingProxy.Models.Input;

/// <summary>
/// What a file is called before its bytes are seen. Which kind of image it is, the bytes alone say; a label is only good for what nobody meant as an
/// image at all.
/// </summary>
internal static class ImageLabel
{
    /// <param name="label">A media type, with whatever parameters a program adds to it (<c>;name=…</c>). Programs without an idea write none, or that of any
    /// bytes.</param>
    public static bool MayBeImage(string label) => label.Split(';', 2)[0].TrimEnd(' ') is var type
        && (type.Length == 0 || type.StartsWith("image/", StringComparison.OrdinalIgnoreCase)
            || type.Equals("application/octet-stream", StringComparison.OrdinalIgnoreCase));
}
