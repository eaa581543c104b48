using KlingProxy.Tests.EndToEnd;

namespace KlingProxy.Tests.Uploads.Formats;

/// <summary>
/// Pictures that others made, or made up, read as they are: from packages with test images or wallpapers, where somebody installed them, and from a folder
/// that KLINGPROXY_PICTURES names. Chromium is the judge: what it shows whole is accepted, at the size in which it shows it.
/// </summary>
public sealed class PublicCorpusTests
{
    /// <summary>Of Debian: plasma-workspace-wallpapers, mate-backgrounds, golang-1.19-src, golang-golang-x-image-dev, python3-skimage.</summary>
    private static readonly string[] Folders =
    [
        "/usr/share/wallpapers", "/usr/share/backgrounds", "/usr/share/go-1.19/src/image", "/usr/share/gocode/src/golang.org/x/image", "/usr/lib/python3/dist-packages/skimage/data",
        .. Environment.GetEnvironmentVariable("KLINGPROXY_PICTURES") is { Length: > 0 } named ? new[] { named } : [],
    ];

    private static readonly string[] Extensions = [".jpg", ".jpeg", ".png", ".apng", ".gif", ".webp", ".avif", ".avifs"];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Takes_what_Chromium_shows()
    {
        var pictures = Folders.Where(Directory.Exists).SelectMany(folder => Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories))
            .Where(file => Extensions.Contains(Path.GetExtension(file), StringComparer.OrdinalIgnoreCase)).Order(StringComparer.Ordinal).ToArray();
        Component.Require(pictures.Length > 0, "A package with pictures, such as golang-golang-x-image-dev,");

        var answers = await Chromium.Judges(pictures, Cancel);

        foreach (var reason in answers.GroupBy(answer => answer.Read.Refusal ?? "accepted").OrderByDescending(group => group.Count()))
            TestContext.Current.SendDiagnosticMessage("{0}: {1}", reason.Key, reason.Count());
        if (Environment.GetEnvironmentVariable("KLINGPROXY_PICTURES_REPORT") is { Length: > 0 } report)
            await File.WriteAllLinesAsync(report, answers.Select(answer => $"{answer.File}\t{answer.Shown}\t{answer.Read.Size}\t{answer.Read.Refusal}"), Cancel);
        Chromium.AssertAgrees(answers);
    }
}
