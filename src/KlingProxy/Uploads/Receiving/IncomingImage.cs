using KlingProxy.Http.Bodies;
using KlingProxy.Http.Problems;
using KlingProxy.Models.Input;

namespace KlingProxy.Uploads.Receiving;

/// <summary>An image on its way in. Its bytes can be read once.</summary>
/// <param name="Length">In bytes, where it is known beforehand and the sender is held to it.</param>
internal sealed record IncomingImage(Stream Bytes, long? Length)
{
    /// <summary>Under which it is kept. Given beforehand where its address was given out before the image came.</summary>
    public string Id { get; init; } = Upload.NewId();

    /// <summary>The id stands in an address that somebody has: it must become an upload, also where the same bytes are one already.</summary>
    public bool HasAddress { get; init; }

    /// <summary>Those of the model that it is for, where that is known.</summary>
    public ImageLimits? Limits { get; init; }

    /// <summary>Set where its bytes are on disk already, and stay there while it is kept: they are written and hashed no second time.</summary>
    public BytesOnDisk? OnDisk { get; init; }

    /// <summary>How long fal shall keep it; as its account is set up where nobody asked.</summary>
    public TimeSpan? KeepFor { get; init; }

    /// <summary>What it means that its bytes end early, or are framed wrongly.</summary>
    public string Malformed { get; init; } = "The body ended early or was framed wrongly.";

    /// <summary>Asked once, after the last byte and before the image counts as whole: what is wrong with whatever came after it.</summary>
    public Func<CancellationToken, Task<Refusal?>> End { get; init; } = _ => Task.FromResult<Refusal?>(null);

    /// <summary>One that stood inside a body.</summary>
    public static IncomingImage Of(DataUri image, ImageLimits limits) =>
        new(image.Read(), image.Length) { Limits = limits, OnDisk = new BytesOnDisk(image.Read, image.Sha256) };
}

/// <param name="Read">From the first byte, as often as somebody likes.</param>
/// <param name="Sha256">In lower-case hexadecimal.</param>
internal sealed record BytesOnDisk(Func<Stream> Read, string Sha256);
