using System.Buffers;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace KlingProxy.Http.Bodies;

/// <summary>
/// Takes data URIs out of a JSON body while it is read. In their places it leaves short texts that nobody else can have written, so what is left is a
/// small document for a parser, which judges it. Whatever could not be part of a data URI is left in the document, for the parser to see.
/// </summary>
internal sealed class DataUriSieve(InlineFields fields, Spool spool) : IDisposable
{
    /// <summary>More fields than any model has: what repeats them is no valid JSON for us, and shall not fill a disk.</summary>
    private const int MaxTaken = 8;

    private const string Scheme = "data:";

    private static readonly SearchValues<byte> Structural = SearchValues.Create("{}[]:,\""u8), TextEnds = SearchValues.Create("\"\\"u8);

    /// <summary>Printable ASCII but for what ends or escapes a JSON text.</summary>
    private static readonly SearchValues<byte> Plain =
        SearchValues.Create([.. Enumerable.Range(0x20, 0x5F).Select(character => (byte)character)
            .Where(character => character is not ((byte)'"' or (byte)'\\'))]);

    private readonly JsonPlace place = new(fields);
    private readonly ArrayBufferWriter<byte> document = new();
    private readonly Dictionary<string, DataUri> taken = [];
    private readonly string mark = $"data:,{RandomNumberGenerator.GetHexString(32, lowercase: true)}-";

    /// <summary>Of a text: an escape as far as it has come, or the beginning that may become a data URI. As written.</summary>
    private readonly List<byte> escape = [], beginning = [];
    private string matched = "";
    private Within within = Within.Structure;
    private DataUri? current;

    private enum Within { Structure, Name, Text, Beginning, DataUri }

    /// <summary>What is left, in bytes.</summary>
    public ReadOnlyMemory<byte> Document => document.WrittenMemory;

    /// <summary>What was taken out, by the text in its place.</summary>
    public IReadOnlyDictionary<string, DataUri> Taken => taken;

    /// <exception cref="SpoolTrouble">There is no room on disk.</exception>
    public async ValueTask Add(ReadOnlyMemory<byte> portion, CancellationToken cancel)
    {
        var left = portion;
        while (!left.IsEmpty)
        {
            var before = current;
            left = left[Step(left.Span)..];
            if (before is not null && (current != before || left.IsEmpty))
                await before.Flush(cancel);
        }
    }

    public void Dispose()
    {
        foreach (var image in taken.Values)
            image.Dispose();
    }

    /// <returns>How many bytes were read; at least one.</returns>
    private int Step(ReadOnlySpan<byte> bytes) => within switch
    {
        Within.Structure => Between(bytes),
        Within.Name or Within.Text => Text(bytes),
        _ => Value(bytes),
    };

    private int Between(ReadOnlySpan<byte> bytes)
    {
        var at = bytes.IndexOfAny(Structural);
        var count = at < 0 ? bytes.Length : at + 1;
        document.Write(bytes[..count]);
        if (at < 0)
            return count;
        if (bytes[at] == '"')
            (within, matched) = (place.IsAtName ? Within.Name : place.IsAtField && taken.Count < MaxTaken ? Within.Beginning : Within.Text, "");
        else
            place.Structure(bytes[at]);
        return count;
    }

    // Copied as it stands; all that matters is where it ends.
    private int Text(ReadOnlySpan<byte> bytes)
    {
        var count = escape.Count > 0 ? 1 : bytes.IndexOfAny(TextEnds) is var at and not 0 ? (at < 0 ? bytes.Length : at) : 1;
        var part = bytes[..count];
        document.Write(part);
        if (escape.Count == 0 && part is [(byte)'"'])
        {
            if (within == Within.Name)
                place.EndName();
            within = Within.Structure;
            return count;
        }
        if (within == Within.Name)
            place.AddToName(part);
        if (escape.Count > 0)
            escape.Clear();
        else if (part is [(byte)'\\'])
            escape.Add((byte)'\\');
        return count;
    }

    private int Value(ReadOnlySpan<byte> bytes)
    {
        if (escape.Count > 0 || bytes[0] == '\\')
        {
            escape.Add(bytes[0]);
            if (Unescaped() is { } character)
            {
                Character(character, [.. escape]);
                escape.Clear();
            }
            return 1;
        }
        if (bytes[0] == '"')
        {
            End();
            return 1;
        }
        if (within == Within.DataUri && bytes.IndexOfAnyExcept(Plain) is var run and not 0)
        {
            var count = run < 0 ? bytes.Length : run;
            current!.Add(bytes[..count]);
            return count;
        }
        Character((char)bytes[0], [bytes[0]]);
        return 1;
    }

    /// <param name="character">What it means; a byte beyond ASCII stands for itself.</param>
    /// <param name="raw">How it was written.</param>
    private void Character(char character, byte[] raw)
    {
        if (within == Within.DataUri)
        {
            if (character is >= ' ' and <= '~')
                current!.Add([(byte)character]);
            else
                document.Write(raw);
            return;
        }

        beginning.AddRange(raw);
        matched += character;
        if (!Scheme.StartsWith(matched, StringComparison.OrdinalIgnoreCase))
            Leave(Within.Text);
        else if (matched.Length == Scheme.Length)
            Take();
    }

    private void Take()
    {
        current = new DataUri(spool, matched, fields.MaxBytes);
        var text = string.Create(CultureInfo.InvariantCulture, $"{mark}{taken.Count}");
        taken.Add(text, current);
        document.Write(Encoding.ASCII.GetBytes(text));
        beginning.Clear();
        within = Within.DataUri;
    }

    private void End()
    {
        current?.End();
        current = null;
        Leave(Within.Structure);
        document.Write("\""u8);
    }

    // A field that holds something else than a data URI.
    private void Leave(Within next)
    {
        document.Write(beginning.ToArray());
        beginning.Clear();
        within = next;
    }

    /// <returns>The character that the escape stands for; <c>null</c> as long as it is not whole. One that is wrong stands for none in ASCII.</returns>
    private char? Unescaped()
    {
        if (escape.Count < 2)
            return null;
        if (escape[1] != 'u')
            return (char)escape[1] switch { 'b' or 'f' or 'n' or 'r' or 't' => '\n', '"' or '\\' or '/' => (char)escape[1], _ => char.MaxValue };
        if (escape.Count < 6)
            return char.IsAsciiHexDigit((char)escape[^1]) || escape.Count == 2 ? null : char.MaxValue;
        return ushort.TryParse(Encoding.ASCII.GetString([.. escape[2..]]), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var code)
            ? (char)code
            : char.MaxValue;
    }
}
