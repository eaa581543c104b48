using KlingProxy.Uploads;

namespace KlingProxy.Tests.Uploads;

public sealed class DataUriStreamTests
{
    public static TheoryData<int, int> Portions => new MatrixTheoryData<int, int>([0, 1, 2, 3, 4, 5, 100, 65_536, 65_537], [1, 2, 3, 4, 7, 64, 65_536]);

    [Theory, MemberData(nameof(Portions))]
    public void Decodes_in_portions_of_any_size(int length, int portion)
    {
        var bytes = new byte[length];
        new Random(length).NextBytes(bytes);
        using var stream = new DataUriStream($"data:image/png;base64,{Convert.ToBase64String(bytes)}");
        Assert.Equal(length, stream.DecodedLength);

        var decoded = new List<byte>();
        var buffer = new byte[portion];
        for (int read; (read = stream.Read(buffer)) > 0;)
            decoded.AddRange(buffer.AsSpan(0, read));

        Assert.Equal(bytes, decoded);
    }

    [Fact]
    public void Refuses_what_is_not_base64()
    {
        using var stream = new DataUriStream("data:image/png;base64,$$$$");

        Assert.Throws<InvalidDataException>(() => stream.Read(new byte[10]));
    }
}
