using System.Buffers;
using System.Text;

namespace KlingProxy.Secrets;

/// <summary>One way of writing a secret.</summary>
internal sealed record SecretForm(string Text, StringComparison Comparison);

/// <summary>
/// All ways in which the known secrets may be written, but for those that <see cref="DecodedText"/> undoes. Never changed, so that whoever searches
/// needs no lock.
/// </summary>
internal sealed class SecretForms
{
    public static readonly SecretForms None = new([]);

    /// <summary>Shorter than this it is no secret but a piece of any text. Half a key has to be longer, since nobody chose it to be told apart.</summary>
    private const int MinSecretLength = 4, MinHalfLength = 6, MinEncodedLength = 8;

    private readonly SecretForm[] longestFirst;
    private readonly SearchValues<string> any;

    private SecretForms(SecretForm[] forms)
    {
        longestFirst = [.. forms.OrderByDescending(form => form.Text.Length)];
        any = SearchValues.Create([.. longestFirst.Select(form => form.Text)], StringComparison.OrdinalIgnoreCase);
    }

    public static IReadOnlyList<SecretForm> OfKey(string? key)
    {
        if (key is not { Length: >= MinSecretLength })
            return [];
        var halves = key.Split(':', 2).Where(half => half.Length >= MinHalfLength);
        return [.. halves.Append(key).SelectMany(WithAndWithoutHyphens).Distinct().SelectMany(text => Written(text, StringComparison.OrdinalIgnoreCase))];
    }

    // An id of fal's keys is a UUID, which some programs write without its hyphens, and others with them.
    private static IEnumerable<string> WithAndWithoutHyphens(string text) =>
        Guid.TryParseExact(text, "D", out var id) || Guid.TryParseExact(text, "N", out id) ? [text, id.ToString("D"), id.ToString("N")] : [text];

    public static IReadOnlyList<SecretForm> OfWord(string? secret) =>
        secret is { Length: >= MinSecretLength } ? [.. Written(secret, StringComparison.Ordinal)] : [];

    public SecretForms With(IReadOnlyList<SecretForm> more) => new([.. longestFirst.Concat(more).Distinct()]);

    /// <returns>The first of them at or after a place; <c>null</c> when there is none.</returns>
    public (int Start, int End)? Next(string text, int from)
    {
        while (text.AsSpan(from).IndexOfAny(any) is >= 0 and var ahead)
        {
            from += ahead;
            foreach (var form in longestFirst)
                if (text.AsSpan(from).StartsWith(form.Text, form.Comparison))
                    return (from, from + form.Text.Length);
            from++; // in other letters than its own
        }
        return null;
    }

    private static IEnumerable<SecretForm> Written(string secret, StringComparison comparison)
    {
        var encoded = Encoded(Encoding.UTF8.GetBytes(secret)).Where(text => text.Length >= MinEncodedLength);
        return [new SecretForm(secret, comparison), .. encoded.Select(text => new SecretForm(text, StringComparison.OrdinalIgnoreCase))];
    }

    /// <summary>In hex; and in base64 of both alphabets, where what stands before it decides how it falls into sixes (<c>Basic</c> of a name and it).</summary>
    private static IEnumerable<string> Encoded(byte[] secret)
    {
        yield return Convert.ToHexString(secret);
        for (var before = 0; before < 3; before++)
        {
            // Only what the secret's own bits decide.
            var whole = Convert.ToBase64String([.. new byte[before], .. secret]).TrimEnd('=');
            var (first, last) = ((before * 8 + 5) / 6, (before + secret.Length) * 8 / 6);
            var text = whole[first..last];
            yield return text;
            yield return text.Replace('+', '-').Replace('/', '_');
        }
    }
}
