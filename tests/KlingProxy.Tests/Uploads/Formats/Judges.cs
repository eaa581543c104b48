using System.Text.Json;
using System.Text.RegularExpressions;

using KlingProxy.Http.Bodies;
using KlingProxy.Models.Input;
using KlingProxy.Models.O3;
using KlingProxy.Tests.EndToEnd;
using KlingProxy.Uploads.Formats;
using KlingProxy.Uploads.Keeping;
using KlingProxy.Uploads.Receiving;

namespace KlingProxy.Tests.Uploads.Formats;

/// <summary>What we make of a picture, whatever its size.</summary>
internal sealed record Reading(PixelSize Size, string? Refusal)
{
    private static readonly ImageLimits AnySize = O3ImageToVideo.Schema.Images with { MaxBytes = int.MaxValue, MinSide = 1, MinRatio = 0, MaxRatio = decimal.MaxValue };

    private static readonly Spool Waiting = new(Path.Combine(Path.GetTempPath(), "klingproxy-pictures"));

    public static Reading Of(string file)
    {
        using var stream = File.OpenRead(file);
        var (held, refusal) = HeldImage.Receive(new IncomingImage(stream, stream.Length), AnySize, Waiting, CancellationToken.None).GetAwaiter().GetResult();
        using (held)
            return new(held?.Image.Size ?? default, refusal is null ? null : $"{refusal.Problem.Code}: {Regex.Replace(refusal.Detail!, @"\d+", "n")}");
    }
}

/// <summary>How Chromium shows pictures.</summary>
internal static class Chromium
{
    /// <summary>One file, as the browser shows it and as we read it.</summary>
    internal sealed record Judgement(string File, Look Shown, Reading Read)
    {
        private bool IsTurned => (Read.Size.Width, Read.Size.Height) == (Shown.Height, Shown.Width);

        public bool IsFault => Shown.Complete && (Read.Refusal is null ? Read.Size != Shown.Size && !IsExcusedTurn : !IsExcusedRefusal);

        /// <summary>Chromium turns no WebP whose Exif data begins with its name, or that has something behind its end.</summary>
        private bool IsExcusedTurn => IsTurned && Path.GetExtension(File) == ".webp";

        /// <summary>More pixels than Pillow decodes, with which models open images.</summary>
        private bool IsExcusedRefusal => (ulong)Shown.Width * Shown.Height > PixelSize.MaxArea;
    }

    public static async Task<IReadOnlyList<Judgement>> Judges(IReadOnlyList<string> pictures, CancellationToken cancel) =>
        [.. pictures.Zip(await Shows(pictures, cancel), (file, shown) => new Judgement(file, shown, Reading.Of(file)))];

    public static void AssertAgrees(IReadOnlyList<Judgement> judgements) => Assert.True(
        judgements.All(judgement => !judgement.IsFault),
        string.Join('\n', judgements.Where(judgement => judgement.IsFault).Select(fault => $"{fault.File}: shown as {fault.Shown}, read as {fault.Read}")));

    /// <param name="Complete">No pixel of the first frame is missing.</param>
    internal sealed record Look(uint Width, uint Height, bool Complete)
    {
        public PixelSize Size => new(Width, Height);
    }

    private static async Task<IReadOnlyList<Look>> Shows(IReadOnlyList<string> pictures, CancellationToken cancel)
    {
        var (list, result) = (Path.GetTempFileName(), Path.GetTempFileName());
        try
        {
            await File.WriteAllTextAsync(list, JsonSerializer.Serialize(pictures), cancel);
            await NodeScript.RunInBrowser("browser/decode.mjs", [list, result], cancel);
            return JsonSerializer.Deserialize<List<Look>>(await File.ReadAllTextAsync(result, cancel), JsonSerializerOptions.Web)!;
        }
        finally
        {
            File.Delete(list);
            File.Delete(result);
        }
    }
}
