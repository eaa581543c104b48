namespace KlingProxy.Sandbox.Media;

/// <summary>A finished video, as it is kept.</summary>
/// <param name="Length">Bytes.</param>
internal sealed record Film(Uri Url, int Length)
{
    public const string FileName = "output.mp4";
}
