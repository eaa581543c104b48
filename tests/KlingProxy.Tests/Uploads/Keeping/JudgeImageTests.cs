using KlingProxy.Models.Input;
using KlingProxy.Models.O3;
using KlingProxy.Tests.Uploads.Formats;
using KlingProxy.Uploads.Formats;
using KlingProxy.Uploads.Keeping;

namespace KlingProxy.Tests.Uploads.Keeping;

public sealed class JudgeImageTests
{
    private static readonly ImageLimits Limits = O3ImageToVideo.Schema.Images;

    public static TheoryData<uint, uint, string> Sizes => new()
    {
        // width   height  broken rules
        { 300,     300,    "" },
        { 299,     300,    "too-small" },
        { 300,     299,    "too-small" },
        { 299,     299,    "too-small" },
        { 1,       1,      "too-small" },
        { 3840,    2160,   "" },
        { 2160,    3840,   "" },
        { 750,     300,    "" },
        { 751,     300,    "ratio" },
        { 300,     750,    "" },
        { 300,     751,    "ratio" },
        { 1000,    2500,   "" },
        { 1000,    2501,   "ratio" },
        { 65_535,  300,    "ratio" },
        { 299,     2000,   "too-small ratio" },
        { 2000,    100,    "too-small ratio" },
    };

    [Theory, MemberData(nameof(Sizes))]
    public void Names_every_broken_rule_of_a_size(uint width, uint height, string codes)
    {
        var refusal = JudgeImage.SoFar(new ImageReading(Picture.Png(width, height)), [], 1000, Limits);

        Assert.Equal(codes, string.Join(' ', refusal?.Errors?.Select(error => error.Code) ?? []));
        if (refusal is not null)
        {
            Assert.Equal("unsuitable-image", refusal.Problem.Code);
            Assert.Contains($"{width} × {height}", refusal.Detail, StringComparison.Ordinal);
            Assert.All(refusal.Errors!, error => Assert.Equal("", error.Pointer));
        }
    }

    [Fact]
    public void Refuses_a_real_image_of_a_type_that_the_model_does_not_take()
    {
        var onlyPng = Limits with { Types = ["image/png"] };

        Assert.Null(JudgeImage.SoFar(new ImageReading(Picture.Png(400, 400)), [], 1000, onlyPng));
        Assert.Equal("unsupported-image", JudgeImage.SoFar(new ImageReading(Picture.Gif(400, 400)), [], 1000, onlyPng)?.Problem.Code);
    }

    [Fact]
    public void Tells_a_broken_image_from_no_image()
    {
        Assert.Equal("unsupported-image", JudgeImage.SoFar(new ImageReading("<svg/>"u8), "<svg/>"u8, 1000, Limits)?.Problem.Code);
        Assert.Equal("unreadable-image", JudgeImage.SoFar(new ImageReading(Picture.Png(0, 0)), [], 1000, Limits)?.Problem.Code);

        var cut = new ImageReading(Picture.Png(400, 400).AsSpan(0, 20));
        Assert.Null(JudgeImage.SoFar(cut, [], 20, Limits));
        Assert.Equal("unreadable-image", JudgeImage.AtEnd(cut, 20, Limits, () => throw new InvalidOperationException())?.Problem.Code);
    }
}
