namespace KlingProxy.Uploads.Formats;

/// <summary>
/// What a file says that it is, read while it passes, in portions of any size. No pixel is decoded: a decoder fed by strangers is the larger
/// risk. Nothing of the file is held.
/// </summary>
internal sealed class ImageReading : IImageFindings
{
    private readonly PassingBytes bytes = new();
    private IEnumerator<Wait>? reader;
    private Wait wait;
    private PixelSize stored;
    private bool? turned;
    private long? end;
    private long passed;

    /// <summary>The first portion decides what the file is; 64 bytes are enough for that.</summary>
    public ImageReading(ReadOnlySpan<byte> start)
    {
        foreach (var format in ImageFormat.All)
        {
            if (!format.IsAtStart(start))
                continue;
            Format = format;
            reader = format.Read(bytes, this).GetEnumerator();
            Next();
            Read(start);
            return;
        }
    }

    /// <summary><c>null</c> when it is no image that we know.</summary>
    public ImageFormat? Format { get; }

    /// <summary>As it is to be shown, turned as the file asks for; zero as long as the file has not said.</summary>
    public PixelSize Size => IsTurned ? new PixelSize(stored.Height, stored.Width) : stored;

    /// <summary>Whether it lies on its side as it is stored.</summary>
    public bool IsTurned => turned ?? false;

    /// <summary>More bytes may still tell the size.</summary>
    public bool IsUndecided => stored == default && reader is not null;

    /// <summary>Everything is there up to the end that the format itself marks. What follows it is no part of the image.</summary>
    public bool IsWhole => end <= passed;

    public void Read(ReadOnlySpan<byte> portion)
    {
        passed += portion.Length;
        while (reader is not null && bytes.Serve(ref wait, ref portion))
            Next();
    }

    public void Found(uint width, uint height) => stored = stored == default ? new PixelSize(width, height) : stored;

    public void Turn(bool onItsSide) => turned ??= onItsSide;

    public void EndsHere(bool ends) => end = ends ? bytes.Position : null;

    public void EndsAt(long position) => end = position;

    private void Next()
    {
        if (reader!.MoveNext())
            wait = reader.Current;
        else
            reader = null; // the end, or a fault: what was found until then stands
    }
}
