using System.Net;

using KlingProxy.Http.Pieces;
using KlingProxy.Ids;
using KlingProxy.Jobs.Reading;
using KlingProxy.Tests.Fixtures;

using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging.Abstractions;

namespace KlingProxy.Tests.Jobs.Reading;

public sealed class VideoPiecesTests
{
    private const int Length = 3_000_000;

    /// <summary>Into what the pool gives, which a server that knows of pieces has larger. Nor is there a timer for each.</summary>
    [Fact]
    public async Task A_film_is_read_in_pieces_of_32_to_64_KiB()
    {
        var bytes = new byte[Length];
        new Random(1).NextBytes(bytes);
        var (film, player, time) = (new Counted(bytes), new MemoryStream(), new CountedTime());
        var context = new DefaultHttpContext { Response = { Body = player } };
        var reply = new HttpResponseMessage(HttpStatusCode.OK) { Content = new StreamContent(film) };

        await new VideoStream(reply, JobId.New(), time, NullLogger.Instance).ExecuteAsync(context);

        Assert.Equal(bytes, player.ToArray());
        Assert.All(film.Rooms, room => Assert.InRange(room, Piece.Size / 2, Piece.Size));
        Assert.InRange(time.Timers, 1, 1);
    }
}
