namespace KlingProxy.Uploads.Formats;

/// <summary>What a reader of a format tells, in the order in which it comes by.</summary>
internal interface IImageFindings
{
    /// <summary>As it is to be shown, as far as it was found.</summary>
    PixelSize Size { get; }

    /// <summary>Everything is there up to the end that was found.</summary>
    bool IsWhole { get; }

    /// <summary>The first statement counts, as for decoders. In pixels, as stored.</summary>
    void Found(uint width, uint height);

    /// <summary>Likewise.</summary>
    void Turn(bool onItsSide);

    /// <summary>At the byte that was read last, or not yet.</summary>
    void EndsHere(bool ends);

    /// <summary>The last byte that matters may be still to come.</summary>
    void EndsAt(long position);
}
