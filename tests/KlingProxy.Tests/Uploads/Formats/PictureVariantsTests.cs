using KlingProxy.Uploads.Formats;

namespace KlingProxy.Tests.Uploads.Formats;

public sealed class PictureVariantsTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public void Are_accepted_where_all_pixels_are_there()
    {
        var folder = Directory.CreateTempSubdirectory("klingproxy-");
        var wrong = new List<string>();
        foreach (var (name, bytes, expected) in PictureVariants.All())
        {
            var file = Write(folder.FullName, name, bytes);
            var read = Reading.Of(file);
            var size = name.StartsWith("turned", StringComparison.Ordinal) ? new PixelSize(400, 600) : new PixelSize(600, 400);
            if ((read.Refusal is null) != expected || (expected && read.Size != size && !name.Contains("100 bytes", StringComparison.Ordinal) && !name.Contains("601", StringComparison.Ordinal)))
                wrong.Add($"{name}: {read}");
        }
        folder.Delete(recursive: true);

        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
    }

    [Fact]
    public async Task Are_accepted_where_Chromium_shows_all_pixels()
    {
        var folder = Directory.CreateTempSubdirectory("klingproxy-");
        var files = PictureVariants.All().Select(variant => Write(folder.FullName, variant.Name, variant.Bytes)).ToArray();

        var judgements = await Chromium.Judges(files, Cancel);

        folder.Delete(recursive: true);
        Assert.True(judgements.Count(judgement => judgement.Shown.Complete) > files.Length / 2);
        Chromium.AssertAgrees(judgements);
    }

    private static string Write(string folder, string name, byte[] bytes)
    {
        var file = Path.Combine(folder, $"{name.Replace(' ', '-')}{Path.GetExtension(name.Split(',')[0])}");
        File.WriteAllBytes(file, bytes);
        return file;
    }
}
