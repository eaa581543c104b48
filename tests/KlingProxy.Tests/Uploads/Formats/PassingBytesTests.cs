using KlingProxy.Uploads.Formats;

namespace KlingProxy.Tests.Uploads.Formats;

public sealed class PassingBytesTests
{
    /// <summary>Sixteen are looked at together: a marker is found wherever it stands among them, behind whatever, and however the bytes were cut.</summary>
    [Fact]
    public void Finds_a_marker_wherever_it_stands_and_passes_over_what_is_none()
    {
        foreach (var behind in (byte[])[0x00, 0x01, 0xD9, 0xFF])
            for (var length = 1; length <= 50; length++)
                for (var at = 0; at < length; at++)
                    for (var cut = 0; cut < length; cut++)
                    {
                        var bytes = new byte[length];
                        Array.Fill(bytes, (byte)'x');
                        bytes[at] = 0xFF;
                        if (at + 1 < length)
                            bytes[at + 1] = behind;

                        Assert.Equal((behind, length, at, cut, Expected(bytes, cut)), (behind, length, at, cut, Found(bytes, cut)));
                    }
    }

    [Fact]
    public void Finds_a_marker_among_many_that_are_none()
    {
        byte[] bytes = [.. Enumerable.Repeat<byte[]>([0xFF, 0x00, 0xFF, 0x00, (byte)'x'], 50).SelectMany(coded => coded), 0xFF, 0xD9];

        Assert.Equal(bytes.Length - 1, Found(bytes, 0));
    }

    // One byte after the other. At the end of a portion nobody knows what follows.
    private static long? Expected(byte[] bytes, int cut)
    {
        for (var at = 0; at < bytes.Length; at++)
            if (bytes[at] == 0xFF && (at + 1 == bytes.Length || at + 1 == cut || bytes[at + 1] != 0))
                return at + 1;
        return null;
    }

    private static long? Found(byte[] bytes, int cut)
    {
        var passing = new PassingBytes();
        var wait = PassingBytes.SkipToMarker();
        ReadOnlySpan<byte> first = bytes.AsSpan(0, cut), rest = bytes.AsSpan(cut);
        return (cut > 0 && passing.Serve(ref wait, ref first)) || passing.Serve(ref wait, ref rest) ? passing.Position : null;
    }
}
