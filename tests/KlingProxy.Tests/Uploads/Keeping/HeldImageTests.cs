using System.Security.Cryptography;
using System.Text;

using KlingProxy.Http.Bodies;
using KlingProxy.Http.Pieces;
using KlingProxy.Http.Problems;
using KlingProxy.Models.Input;
using KlingProxy.Models.O3;
using KlingProxy.Tests.Fixtures;
using KlingProxy.Tests.Uploads.Formats;
using KlingProxy.Uploads.Formats;
using KlingProxy.Uploads.Keeping;
using KlingProxy.Uploads.Receiving;

namespace KlingProxy.Tests.Uploads.Keeping;

public sealed class HeldImageTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("klingproxy-").FullName;
    private readonly Spool spool;

    public HeldImageTests() => spool = new Spool(folder);

    private static ImageLimits Limits => O3ImageToVideo.Schema.Images;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(1_000, false)]
    [InlineData(HeldImage.Window - 1, false)]
    [InlineData(HeldImage.Window, true)]
    [InlineData(1_000_000, true)]
    public async Task Keeps_a_large_image_on_disk_and_gives_all_of_it_back(int length, bool isOnDisk)
    {
        var bytes = Picture.Png(800, 600, length);

        var (held, refusal) = await Receive(bytes);

        Assert.Null(refusal);
        using (held)
        {
            Assert.Equal((isOnDisk ? length : 0, length, new PixelSize(800, 600)), (spool.Taken, held!.Length, held.Image.Size));
            Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(bytes)), held.Sha256);
            for (var twice = 0; twice < 2; twice++)
            {
                using var again = new MemoryStream();
                await held.Read().CopyToAsync(again, Cancel);
                Assert.Equal(bytes, again.ToArray());
            }
        }
        Assert.Equal(0, spool.Taken);
    }

    [Theory]
    [InlineData(557_000)]
    [InlineData(4_000_000)]
    [InlineData(10_400_000)]
    public async Task Waits_for_a_header_that_comes_late(int before)
    {
        var (held, refusal) = await Receive(Picture.Jpeg(800, 600, before));

        using (held)
            Assert.Equal((null, new PixelSize(800, 600)), (refusal, held?.Image.Size));
    }

    /// <summary>What is wrong with it is known by then, and nobody waits for the other nine megabytes.</summary>
    [Fact]
    public async Task Refuses_what_is_unsuitable_before_all_of_it_has_come()
    {
        using var body = new MemoryStream(Picture.Png(3000, 300, 9_000_000));

        var (_, refusal) = await HeldImage.Receive(new IncomingImage(body, null), Limits, spool, Cancel);

        Assert.Equal(("unsuitable-image", HeldImage.Window, 0L), (refusal?.Problem.Code, (int)body.Position, spool.Taken));
    }

    [Fact]
    public async Task Refuses_what_is_unsuitable_as_soon_as_a_late_header_says_so()
    {
        using var body = new MemoryStream([.. Picture.Jpeg(3000, 300, before: 200_000), .. new byte[9_000_000]]);

        var (_, refusal) = await HeldImage.Receive(new IncomingImage(body, null), Limits, spool, Cancel);

        Assert.Equal(("unsuitable-image", 4 * HeldImage.Window, 0L), (refusal?.Problem.Code, (int)body.Position, spool.Taken));
    }

    [Fact]
    public async Task Leaves_nothing_behind_of_what_is_refused_at_its_end()
    {
        var (held, refusal) = await Receive(Picture.Png(800, 600, 300_000)[..^20]);

        Assert.Equal((null, "unreadable-image", 0L), (held, refusal?.Problem.Code, spool.Taken));
    }

    [Fact]
    public async Task Leaves_nothing_behind_when_its_sender_breaks_off()
    {
        await Assert.ThrowsAsync<IOException>(() => HeldImage.Receive(new IncomingImage(new BreaksOff(Picture.Png(800, 600, 300_000)), null), Limits, spool, Cancel));

        Assert.Equal((0L, 0), (spool.Taken, Directory.GetFileSystemEntries(folder).Length));
    }

    /// <summary>A piece costs the same whatever is in it: ten megabytes are read in 153 of them, and sent in as many.</summary>
    [Theory]
    [InlineData(10_000_000, 153)]
    [InlineData(HeldImage.Window, 1)]
    [InlineData(1_000, 1)]
    public async Task Comes_and_goes_in_pieces_of_64_KiB(int length, int pieces)
    {
        var (body, storage) = (new Counted(Picture.Png(800, 600, length)), new Counted([]));

        var (held, _) = await HeldImage.Receive(new IncomingImage(body, length), Limits, spool, Cancel);
        using (held)
        {
            using var timeout = new CancellationTokenSource();
            using var content = new ImageContent(held!, timeout);
            await content.CopyToAsync(storage, Cancel);
        }

        Assert.Equal(pieces, body.Reads.Count(read => read > 0));
        Assert.Equal(pieces, storage.Writes.Count);
        Assert.All(storage.Writes.SkipLast(1), write => Assert.Equal(Piece.Size, write));
        Assert.Equal(length, storage.Length);
    }

    [Theory]
    [InlineData(1_000)]
    [InlineData(1_000_000)]
    public async Task An_image_from_inside_a_body_is_on_disk_once(int length)
    {
        var bytes = Picture.Png(800, 600, length);
        using var inline = new DataUri(spool, "data:", bytes.Length);
        inline.Add(Encoding.ASCII.GetBytes($"image/png;base64,{Convert.ToBase64String(bytes)}"));
        inline.End();
        await inline.Flush(Cancel);
        Assert.Equal(length, spool.Taken);

        var (held, refusal) = await HeldImage.Receive(IncomingImage.Of(inline, Limits), Limits, spool, Cancel);

        Assert.Null(refusal);
        using (held)
        {
            Assert.Equal((length, length, Convert.ToHexStringLower(SHA256.HashData(bytes))), (spool.Taken, held!.Length, held.Sha256));
            using var again = new MemoryStream();
            await held.Read().CopyToAsync(again, Cancel);
            Assert.Equal(bytes, again.ToArray());
        }
        Assert.Equal(length, spool.Taken); // whose it was, may read it still
    }

    public void Dispose() => Directory.Delete(folder, recursive: true);

    private async Task<(HeldImage? Held, Refusal? Refusal)> Receive(byte[] bytes)
    {
        using var body = new MemoryStream(bytes);
        return await HeldImage.Receive(new IncomingImage(body, bytes.Length), Limits, spool, Cancel);
    }

    private sealed class BreaksOff(byte[] bytes) : MemoryStream(bytes)
    {
        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            await base.ReadAsync(buffer, cancellationToken) is > 0 and var read ? read : throw new IOException("The connection is gone.");
    }
}
