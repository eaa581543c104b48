using System.Buffers;
using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace KlingProxy.Http.Bodies;

/// <summary>
/// <c>data:image/png;base64,…</c> as it was found inside a JSON body: its beginning as text, and what follows the comma decoded and on disk, as it came.
/// Megabytes of it are never in memory.
/// </summary>
/// <param name="scheme"><c>data:</c>, in the letters in which it was written.</param>
/// <param name="max">In bytes, decoded; of what is longer nothing is kept beyond this.</param>
internal sealed class DataUri(Spool spool, string scheme, long max) : IDisposable
{
    /// <summary>In characters. <c>data:image/jpeg;base64</c> has 22.</summary>
    private const int MaxHeadLength = 128;

    private static ReadOnlySpan<byte> Alphabet => "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"u8;

    private static readonly SearchValues<byte> Base64Characters = SearchValues.Create([.. Alphabet, (byte)'=']);

    private readonly StringBuilder head = new(scheme);
    private readonly IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private readonly ArrayBufferWriter<byte> decoded = new();

    /// <summary>The last four characters so far: they alone may hold padding, and which four they are shows only at the end.</summary>
    private readonly byte[] last = new byte[4];
    private int held;
    private bool hasComma, isBroken;
    private SpooledFile? file;

    /// <summary>What stands before the comma; without one, the beginning of it all.</summary>
    public string Head => head.ToString();

    public bool HasComma => hasComma;

    /// <summary>In bytes; what the text decodes to, or as far as it was decoded.</summary>
    public long Length { get; private set; }

    /// <summary>It was longer than is allowed.</summary>
    public bool IsTooLong => Length > max;

    /// <summary>What follows the comma is base64, padded, without white space, and not nothing. Known at the end.</summary>
    public bool IsBase64 { get; private set; }

    /// <summary>Of the decoded bytes, in lower-case hexadecimal. Known at the end.</summary>
    public string Sha256 { get; private set; } = "";

    /// <summary>The decoded bytes. They may be read as long as this is not disposed.</summary>
    public Stream Read() => file?.Read() ?? Stream.Null;

    /// <param name="characters">Printable ASCII.</param>
    public void Add(ReadOnlySpan<byte> characters)
    {
        if (!hasComma)
        {
            var comma = characters.IndexOf((byte)',');
            var part = comma < 0 ? characters : characters[..comma];
            head.Append(Encoding.ASCII.GetString(part[..Math.Min(part.Length, Math.Max(0, MaxHeadLength - head.Length))]));
            hasComma = comma >= 0;
            characters = hasComma ? characters[(comma + 1)..] : [];
        }
        if (isBroken || IsTooLong)
            return;
        if (characters.ContainsAnyExcept(Base64Characters)) // the decoder itself would forgive white space
            isBroken = true;
        else
            AddBase64(characters);
    }

    /// <summary>Puts on disk what was decoded since the last time.</summary>
    public async ValueTask Flush(CancellationToken cancel)
    {
        if (decoded.WrittenCount == 0)
            return;
        if (!IsTooLong)
            await (file ??= spool.NewFile()).Write(decoded.WrittenMemory, cancel);
        decoded.ResetWrittenCount();
    }

    /// <summary>The text has ended.</summary>
    public void End()
    {
        if (held == last.Length && !isBroken && !IsTooLong)
            Decode(WithoutLeftOverBits(last), isEnd: true);
        IsBase64 = held == last.Length && !isBroken;
        Sha256 = Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    /// <summary>The text as it was, in portions. One that cannot be an image is told apart from all that can.</summary>
    public void WriteText(Action<ReadOnlySpan<byte>> write)
    {
        write(Encoding.ASCII.GetBytes(IsBase64 && !IsTooLong ? $"{head}," : $"{head}!"));
        if (!IsBase64 || IsTooLong)
            return;

        const int Portion = 3 * 16 * 1024;
        var (bytes, text) = (new byte[Portion], new byte[Portion / 3 * 4]);
        using var reader = Read();
        for (var left = Length; left > 0;)
        {
            var read = reader.ReadAtLeast(bytes, (int)Math.Min(left, Portion));
            left -= read;
            Base64.EncodeToUtf8(bytes.AsSpan(0, read), text, out _, out var written);
            if (left == 0)
                last.CopyTo(text, written - last.Length); // bits that padding leaves over may be anything, and are part of what was sent
            write(text.AsSpan(0, written));
        }
    }

    public void Dispose()
    {
        hash.Dispose();
        file?.Dispose();
    }

    // What browsers ignore, the decoder would refuse.
    private static byte[] WithoutLeftOverBits(byte[] group)
    {
        var padding = group.AsSpan().Count((byte)'=');
        if (padding is not (1 or 2) || Alphabet.IndexOf(group[3 - padding]) is not (>= 0 and var value))
            return group;
        byte[] clean = [.. group];
        clean[3 - padding] = Alphabet[value & (padding == 1 ? 0b111100 : 0b110000)];
        return clean;
    }

    private void AddBase64(ReadOnlySpan<byte> text)
    {
        while (text.Length > 0 && !isBroken)
        {
            if (held == last.Length)
            {
                Decode(last, isEnd: false);
                held = 0;
            }
            if (held == 0 && text.Length > last.Length)
            {
                var whole = (text.Length - 1) / last.Length * last.Length;
                Decode(text[..whole], isEnd: false);
                text = text[whole..];
            }
            var count = Math.Min(last.Length - held, text.Length);
            text[..count].CopyTo(last.AsSpan(held));
            held += count;
            text = text[count..];
        }
    }

    private void Decode(ReadOnlySpan<byte> text, bool isEnd)
    {
        var bytes = decoded.GetSpan(text.Length / 4 * 3);
        if (Base64.DecodeFromUtf8(text, bytes, out _, out var written, isFinalBlock: isEnd) != OperationStatus.Done)
        {
            isBroken = true; // padding before the end among it
            return;
        }
        hash.AppendData(bytes[..written]);
        decoded.Advance(written);
        Length += written;
    }
}
