using System.Text;

namespace KlingProxy.Secrets;

/// <summary>
/// Strikes out what must not show: the secrets that we know, in whatever form somebody wrote them, and whatever looks like a credential, whoever's
/// it is. Log lines pass it on their way out, and all that fal says on its way in.
/// </summary>
internal sealed class Redaction
{
    public const string Mask = CredentialPatterns.Mask;

    /// <summary>A text that was encoded twice (an address in a query in JSON) still gives the secret away; deeper is nobody's doing by chance.</summary>
    private const int Decodings = 3;

    private readonly Lock gate = new();
    private volatile SecretForms forms = SecretForms.None;

    /// <summary>A key such as fal's: unknown in any case, whole or half (<c>id:secret</c>).</summary>
    public void Learn(string? key) => Add(SecretForms.OfKey(key));

    /// <summary>A password or the like: unknown exactly as it is written. A word that somebody chose may be a word of ours in other letters.</summary>
    public void LearnExactly(string? secret) => Add(SecretForms.OfWord(secret));

    public string Strike(string text) => CredentialPatterns.Strike(StrikeKnown(text));

    /// <summary>Only what we know: for an address that has to go on working, whatever else it is signed with.</summary>
    public string StrikeKnown(string text)
    {
        var known = forms;
        var seen = StrikeIn(text, DecodedText.Of(text), known);
        var decoded = DecodedText.Of(seen).Decoded();
        for (var times = 0; decoded is not null && times < Decodings; (decoded, times) = (decoded.Decoded(), times + 1))
        {
            var rest = StrikeIn(seen, decoded, known);
            if (rest != seen)
                return StrikeKnown(rest); // what stands around it has other places now
        }
        return seen;
    }

    public bool Holds(string text)
    {
        var known = forms;
        var (decoded, times) = (DecodedText.Of(text), 0);
        for (; decoded is not null && times <= Decodings; (decoded, times) = (decoded.Decoded(), times + 1))
            if (known.Next(decoded.Text, 0) is not null)
                return true;
        return false;
    }

    private static string StrikeIn(string original, DecodedText decoded, SecretForms known)
    {
        var (left, copied) = (default(StringBuilder), 0);
        for (var next = known.Next(decoded.Text, 0); next is { } found; next = known.Next(decoded.Text, found.End))
        {
            var (start, end) = decoded.PlaceOf(found.Start, found.End);
            (left ??= new StringBuilder(original.Length)).Append(original, copied, start - copied).Append(Mask);
            copied = end;
        }
        return left?.Append(original, copied, original.Length - copied).ToString() ?? original;
    }

    private void Add(IReadOnlyList<SecretForm> more)
    {
        lock (gate)
            forms = forms.With(more);
    }
}
