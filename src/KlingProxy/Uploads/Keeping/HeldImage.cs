using System.Security.Cryptography;

using KlingProxy.Http.Bodies;
using KlingProxy.Http.Pieces;
using KlingProxy.Http.Problems;
using KlingProxy.Models.Input;
using KlingProxy.Uploads.Formats;
using KlingProxy.Uploads.Receiving;

namespace KlingProxy.Uploads.Keeping;

/// <summary>
/// An image that is held until it is known to be right: a small one in memory, a larger one on disk, if it is not there already. So fal hears only of
/// images that it can use, storage always gets a length, and a slow sender keeps nobody there waiting.
/// </summary>
internal sealed class HeldImage : IDisposable
{
    /// <summary>In bytes; the most that is in memory of one image.</summary>
    public const int Window = Piece.Size;

    private readonly Piece window = new();
    private readonly BytesOnDisk? onDisk;
    private int filled;
    private SpooledFile? file;
    private ImageReading? reading;

    private HeldImage(BytesOnDisk? onDisk) => this.onDisk = onDisk;

    /// <summary>In bytes.</summary>
    public long Length { get; private set; }

    /// <summary>In lower-case hexadecimal.</summary>
    public string Sha256 { get; private set; } = "";

    /// <summary>What it says that it is.</summary>
    public ImageReading Image => reading!;

    /// <summary>
    /// 1. Fill the window; 2. refuse what is wrong already, before the rest has come; 3. take the rest to disk; 4. ask whether what stood behind it is in
    /// order;
    /// 5. judge the whole. Throws what reading the image throws.
    /// </summary>
    public static async Task<(HeldImage? Held, Refusal? Refusal)> Receive(IncomingImage image, ImageLimits limits, Spool spool, CancellationToken cancel)
    {
        var held = new HeldImage(image.OnDisk);
        try
        {
            if (await held.Take(image, limits, spool, cancel) is not { } refusal)
                return (held, null);
            held.Dispose();
            return (null, refusal);
        }
        catch
        {
            held.Dispose();
            throw;
        }
    }

    /// <summary>From its first byte; one reader at a time.</summary>
    public Stream Read() => onDisk?.Read() ?? file?.Read() ?? new MemoryStream(window.Bytes, 0, filled, writable: false);

    public void Dispose()
    {
        file?.Dispose();
        window.Dispose();
    }

    private async Task<Refusal?> Take(IncomingImage image, ImageLimits limits, Spool spool, CancellationToken cancel)
    {
        using var hash = onDisk is null ? IncrementalHash.CreateHash(HashAlgorithmName.SHA256) : null;
        while (await Fill(image.Bytes, cancel))
        {
            Length += filled;
            if (Length > limits.MaxBytes)
                return ImageRefusal.TooLarge(limits);
            var isFirst = reading is null;
            var wasUndecided = reading?.IsUndecided ?? true;
            if (isFirst)
                reading = new ImageReading(window.Bytes.AsSpan(0, filled));
            else
                reading!.Read(window.Bytes.AsSpan(0, filled));
            if (wasUndecided && JudgeImage.SoFar(reading, window.Bytes.AsSpan(0, filled), Length, limits) is { } refusal)
                return refusal;

            var isAll = isFirst && filled < Window;
            var kept = isAll || onDisk is not null ? ValueTask.CompletedTask : (file ??= spool.NewFile()).Write(window.Memory[..filled], cancel);
            hash?.AppendData(window.Bytes.AsSpan(0, filled)); // while it is on its way to disk
            await kept;
            if (isAll)
                break;
        }
        if (reading is null)
            return ImageRefusal.Empty();
        Sha256 = onDisk?.Sha256 ?? Convert.ToHexStringLower(hash!.GetHashAndReset());
        return await image.End(cancel) ?? JudgeImage.AtEnd(reading, Length, limits, Read);
    }

    private async Task<bool> Fill(Stream image, CancellationToken cancel)
    {
        filled = await image.ReadAtLeastAsync(window.Memory, Window, throwOnEndOfStream: false, cancel);
        return filled > 0;
    }
}
