using System.Buffers.Text;
using System.Globalization;
using System.Text;


namespace KlingProxy.Spending.Ledger;

/// <summary>The place of an entry in the ledger. Opaque to callers; the ledger only grows, so it names a place for ever.</summary>
internal sealed record LedgerCursor(DateTimeOffset At, string JobId, LedgerKind Kind)
{
    public static LedgerCursor Of(LedgerEntry entry) => new(entry.At, entry.JobId, entry.Kind);

    public static LedgerCursor? Parse(string text)
    {
        try
        {
            return Encoding.UTF8.GetString(Base64Url.DecodeFromChars(text)).Split('.') is [var ticks, var jobId, var kind]
                && long.TryParse(ticks, NumberStyles.None, CultureInfo.InvariantCulture, out var at) && at <= DateTime.MaxValue.Ticks && jobId.All(character => char.IsAsciiLetterOrDigit(character) || character == '_')
                && Enum.TryParse<LedgerKind>(kind, out var known) && Enum.IsDefined(known)
                    ? new LedgerCursor(new DateTimeOffset(at, TimeSpan.Zero), jobId, known)
                    : null;
        }
        catch (FormatException)
        {
            return null;
        }
    }

    public override string ToString() =>
        Base64Url.EncodeToString(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{At.UtcTicks}.{JobId}.{Kind}")));
}
