using KlingProxy.Uploads;

namespace KlingProxy.Tests.Uploads;

public sealed class ImageStartTests
{
    [Theory]
    [InlineData(0, 64)]
    [InlineData(60_000, 64)]
    [InlineData(70_000, 128)]
    [InlineData(200_000, 256)]
    [InlineData(500_000, 512)]
    public async Task Reads_no_more_than_the_header_takes(int before, int kilobytes)
    {
        using var image = new MemoryStream([.. Picture.Jpeg(800, 600, before), .. new byte[2_000_000]]);

        using var start = await ImageStart.Read(image, TestContext.Current.CancellationToken);

        Assert.Equal((kilobytes * 1024, kilobytes * 1024), (start.Bytes.Length, (int)image.Position));
        Assert.Equal(new PixelSize(800, 600), start.Image.Size);
        Assert.True(start.Bytes.Span.SequenceEqual(image.ToArray().AsSpan(0, start.Bytes.Length)));
    }

    [Fact]
    public async Task Gives_up_on_a_header_that_does_not_come()
    {
        using var image = new MemoryStream(Picture.Jpeg(800, 600, before: 2_000_000));

        using var start = await ImageStart.Read(image, TestContext.Current.CancellationToken);

        Assert.True(start.Image.IsUndecided);
        Assert.Equal(ImageStart.LargestWindow, (int)image.Position);
    }

    [Fact]
    public async Task Takes_an_image_that_is_smaller_than_the_window()
    {
        using var image = new MemoryStream(Picture.RealPng);

        using var start = await ImageStart.Read(image, TestContext.Current.CancellationToken);

        Assert.Equal(Picture.RealPng, start.Bytes.ToArray());
        Assert.Equal(new PixelSize(40, 30), start.Image.Size);
    }
}
