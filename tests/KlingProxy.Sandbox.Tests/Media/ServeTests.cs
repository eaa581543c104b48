using System.Net.Http.Headers;

namespace KlingProxy.Sandbox.Tests.Media;

public sealed class ServeTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_video_is_public_and_a_real_mp4()
    {
        await using var twin = await Twin.Start();
        var id = await twin.Complete();
        using var stranger = new HttpClient();

        using var response = await stranger.GetAsync(await twin.VideoOf(id), Cancel);

        var bytes = await response.Content.ReadAsByteArrayAsync(Cancel);
        Assert.Equal(200, (int)response.StatusCode);
        Assert.Equal("video/mp4", response.Content.Headers.ContentType!.ToString());
        Assert.Contains("bytes", response.Headers.AcceptRanges);
        Assert.True(bytes.AsSpan(4).StartsWith("ftyp"u8));
        Assert.InRange(bytes.Length, 10_000, 150 * 1024);
        Assert.Equal(id, twin.Fal.Received[^1].RequestId);
    }

    [Fact]
    public async Task Head_tells_the_length_without_a_body()
    {
        await using var twin = await Twin.Start();
        var url = await twin.VideoOf(await twin.Complete());
        var whole = await twin.Http.GetByteArrayAsync(url, Cancel);

        using var response = await twin.Http.SendAsync(new HttpRequestMessage(HttpMethod.Head, url), Cancel);

        Assert.Equal(200, (int)response.StatusCode);
        Assert.Equal(whole.Length, response.Content.Headers.ContentLength);
        Assert.Equal("video/mp4", response.Content.Headers.ContentType!.ToString());
        Assert.Empty(await response.Content.ReadAsByteArrayAsync(Cancel));
    }

    // range, status, first byte, length; negative first = from the end
    public static TheoryData<string, int, int, int> Ranges => new()
    {
        { "bytes=0-99",              206, 0,    100 },
        { "bytes=100-199",           206, 100,  100 },
        { "bytes=-50",               206, -50,  50 },
        { "bytes=1000-",             206, 1000, -1 },
        { "bytes=0-99999999",        206, 0,    -1 },
        { "bytes=99999999-",         416, 0,    0 },
        { "bytes=5-1",               200, 0,    -1 },
    };

    [Theory, MemberData(nameof(Ranges))]
    public async Task Serves_ranges(string range, int status, int from, int length)
    {
        await using var twin = await Twin.Start();
        var url = await twin.VideoOf(await twin.Complete());
        var whole = await twin.Http.GetByteArrayAsync(url, Cancel);
        using var request = new HttpRequestMessage(HttpMethod.Get, url);
        request.Headers.TryAddWithoutValidation("Range", range);

        using var response = await twin.Http.SendAsync(request, Cancel);

        var start = from < 0 ? whole.Length + from : from;
        var count = length < 0 ? whole.Length - start : length;
        Assert.Equal(status, (int)response.StatusCode);
        if (status == 416) Assert.Equal(new ContentRangeHeaderValue(whole.Length), response.Content.Headers.ContentRange);
        else Assert.Equal(whole[start..(start + count)], await response.Content.ReadAsByteArrayAsync(Cancel));
        if (status == 206) Assert.Equal(new ContentRangeHeaderValue(start, start + count - 1, whole.Length), response.Content.Headers.ContentRange);
    }

    [Theory]
    [InlineData("/files/b/00000000000000000000000000000000/output.mp4")]
    [InlineData("/files/b/x/y")]
    public async Task A_guessed_path_finds_nothing(string path)
    {
        await using var twin = await Twin.Start();
        await twin.Complete();

        using var response = await twin.Http.GetAsync(path, Cancel);

        Assert.Equal(404, (int)response.StatusCode);
    }

    [Fact]
    public async Task The_right_token_with_another_name_finds_nothing()
    {
        await using var twin = await Twin.Start();
        var url = await twin.VideoOf(await twin.Complete());

        using var response = await twin.Http.GetAsync(new Uri(url, "input.mp4"), Cancel);

        Assert.Equal(404, (int)response.StatusCode);
    }
}
