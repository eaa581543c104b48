using KlingProxy.Access.Limits;
using KlingProxy.Http.Bodies;
using KlingProxy.Http.Pieces;
using KlingProxy.Http.Problems;
using KlingProxy.Models.O3;
using KlingProxy.Tests.Fixtures;
using KlingProxy.Tests.Uploads.Formats;
using KlingProxy.Uploads.Receiving;

using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Time.Testing;

namespace KlingProxy.Tests.Http.Bodies;

/// <summary>In which pieces bodies are asked for. A piece costs the same, whatever is in it.</summary>
public sealed class BodyPiecesTests
{
    private const int Length = 2_000_000;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(true)]
    [InlineData(false)] // it turns out to be large
    public async Task A_large_body_of_JSON_is_read_in_pieces_of_64_KiB(bool isAnnounced)
    {
        var body = new Counted(new byte[Length]);
        var request = Request(body, "application/json", isAnnounced);
        List<int> taken = [];

        var (isWhole, refusal) = await BoundedBody.Pass(request, Length, new AnyPlace(), (part, _) =>
        {
            taken.Add(part.Length);
            return ValueTask.FromResult(true);
        }, Cancel);

        Assert.Equal((true, null), (isWhole, refusal));
        Assert.Equal(Length, taken.Sum());
        Assert.All(taken.SkipWhile(part => part < Piece.Size).SkipLast(1), part => Assert.Equal(Piece.Size, part));
        Assert.InRange(taken.Count, Length / Piece.Size, (Length / Piece.Size) + 5);
    }

    [Fact]
    public async Task A_small_body_takes_no_large_piece()
    {
        var body = new Counted(new byte[BoundedBody.Small]);

        await BoundedBody.Pass(Request(body, "application/json", isAnnounced: true), Length, new AnyPlace(), (_, _) => ValueTask.FromResult(true), Cancel);

        Assert.All(body.Rooms, room => Assert.InRange(room, 1, BoundedBody.Small / 4));
    }

    [Theory]
    [InlineData("multipart/form-data; boundary=XbX")]
    [InlineData("multipart/form-data")] // the form itself shows it
    public async Task A_form_is_read_in_pieces_of_64_KiB(string type)
    {
        var image = Picture.Png(800, 600, Length);
        var body = new Counted([.. "--XbX\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.png\"\r\n\r\n"u8, .. image, .. "\r\n--XbX--\r\n"u8]);

        var form = await UploadBody.Open(Request(body, type, isAnnounced: true), O3ImageToVideo.Schema.Images, Cancel);
        var file = new MemoryStream();
        await form.Image!.Bytes.CopyToAsync(file, Piece.Size, Cancel);

        Assert.Equal(image, file.ToArray());
        Assert.Null(await form.Image.End(Cancel));
        Assert.InRange(body.Reads.Count(read => read > 0), Length / Piece.Size, (Length / Piece.Size) + 2);
    }

    /// <summary>A timer and two sources of cancellation for each of thousands of reads were most of what a body left behind.</summary>
    [Fact]
    public async Task A_body_has_one_timer_however_often_it_is_read()
    {
        var time = new CountedTime();
        using var body = TimedBody.Over(new Counted(new byte[Length]), TimeSpan.FromMinutes(5), time);
        var buffer = new byte[4096];

        while (await body.ReadAsync(buffer, Cancel) > 0)
        {
        }

        Assert.Equal(1, time.Timers);
    }

    [Fact]
    public async Task A_body_that_has_had_its_time_is_late_in_whichever_read()
    {
        var time = new FakeTimeProvider();
        using var body = TimedBody.Over(new EndlessBody(), TimeSpan.FromMinutes(5), time);
        Assert.Equal(1, await body.ReadAsync(new byte[1], Cancel));

        var waiting = body.ReadAsync(new byte[2], Cancel).AsTask();
        Assert.False(waiting.IsCompleted);
        time.Advance(TimeSpan.FromMinutes(5));

        await Assert.ThrowsAsync<LateBodyException>(() => waiting);
        await Assert.ThrowsAsync<LateBodyException>(() => body.ReadExactlyAsync(new byte[1], Cancel).AsTask());
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(1)]
    public async Task A_body_has_its_time_wherever_somebody_sets_the_clock(int hours)
    {
        var passing = new FakeTimeProvider();
        var time = new SetTime(passing);
        using var body = TimedBody.Over(new EndlessBody(), TimeSpan.FromMinutes(5), time);

        time.Ahead = TimeSpan.FromHours(hours);
        Assert.Equal(1, await body.ReadAsync(new byte[1], Cancel));
        passing.Advance(TimeSpan.FromMinutes(5));

        await Assert.ThrowsAsync<LateBodyException>(() => body.ReadExactlyAsync(new byte[1], Cancel).AsTask());
    }

    [Fact]
    public async Task Who_gives_up_reading_is_told_so_and_not_that_the_body_is_late()
    {
        using var body = TimedBody.Over(new EndlessBody(), TimeSpan.FromMinutes(5), new FakeTimeProvider());
        using var first = new CancellationTokenSource();
        using var second = new CancellationTokenSource();
        Assert.Equal(1, await body.ReadAsync(new byte[1], first.Token));
        await first.CancelAsync();

        var waiting = body.ReadAsync(new byte[2], second.Token).AsTask(); // another asks, and is not given up for the first
        Assert.False(waiting.IsCompleted);
        await second.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
    }

    private static HttpRequest Request(Counted body, string type, bool isAnnounced)
    {
        var request = new DefaultHttpContext().Request;
        (request.Body, request.ContentType, request.ContentLength) = (body, type, isAnnounced ? body.Length : null);
        return request;
    }

    private sealed class AnyPlace : IBodyPlaces
    {
        public Task<Refusal?> EnterSmall(HttpContext context, CancellationToken cancel) => Task.FromResult<Refusal?>(null);

        public Task<Refusal?> Enter(HttpContext context, CancellationToken cancel) => Task.FromResult<Refusal?>(null);

        public void Leave(HttpContext context)
        {
        }
    }

    /// <summary>Gives a byte to whoever asks for one, and lets wait whoever asks for more.</summary>
    private sealed class EndlessBody : MemoryStream
    {
        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            if (buffer.Length > 1)
                await Task.Delay(Timeout.Infinite, cancellationToken);
            return 1;
        }
    }
}
