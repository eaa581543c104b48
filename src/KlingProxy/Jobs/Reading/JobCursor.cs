using System.Buffers.Text;
using System.Globalization;
using System.Text;

namespace KlingProxy.Jobs.Reading;

/// <summary>The place of a job in its caller's list. Opaque to callers; it names a place, not a page number, so inserts move nothing.</summary>
internal sealed record JobCursor(DateTimeOffset CreatedAt, string Id)
{
    public static JobCursor Of(Job job) => new(job.CreatedAt, job.Id);

    public static JobCursor? Parse(string text)
    {
        try
        {
            return Encoding.UTF8.GetString(Base64Url.DecodeFromChars(text)).Split('.') is [var ticks, var id]
                && long.TryParse(ticks, NumberStyles.None, CultureInfo.InvariantCulture, out var at) && at <= DateTime.MaxValue.Ticks && id.All(character => char.IsAsciiLetterOrDigit(character) || character == '_')
                    ? new JobCursor(new DateTimeOffset(at, TimeSpan.Zero), id)
                    : null;
        }
        catch (FormatException)
        {
            return null;
        }
    }

    public override string ToString() =>
        Base64Url.EncodeToString(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{CreatedAt.UtcTicks}.{Id}")));
}
