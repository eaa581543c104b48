using System.Buffers.Text;
using System.Globalization;
using System.Text;

namespace KlingProxy.Http.Wire;

/// <summary>
/// The place of a row in a list that is read newest first. Opaque to callers, who keep it as long as they like; it names a place, not a page number, so
/// inserts move nothing. Its text is <c>ticks.id</c> or <c>ticks.id.part</c> in base64url.
/// </summary>
/// <param name="Part">Tells rows of one id and instant apart, where there may be several.</param>
internal sealed record KeysetCursor(DateTimeOffset At, string Id, string? Part = null)
{
    /// <returns><c>null</c> for what no list without parts gave out.</returns>
    public static KeysetCursor? Parse(string text) => Pieces(text) is [var ticks, var id] ? Read(ticks, id, null) : null;

    /// <returns><c>null</c> for what no list with these parts gave out.</returns>
    public static KeysetCursor? Parse<TPart>(string text)
        where TPart : struct, Enum =>
        Pieces(text) is [var ticks, var id, var part] && Enum.TryParse<TPart>(part, out var known) && Enum.IsDefined(known)
            ? Read(ticks, id, known.ToString())
            : null;

    public override string ToString() =>
        Base64Url.EncodeToString(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{At.UtcTicks}.{Id}{(Part is null ? "" : ".")}{Part}")));

    private static string[] Pieces(string text)
    {
        try
        {
            return Encoding.UTF8.GetString(Base64Url.DecodeFromChars(text)).Split('.');
        }
        catch (FormatException)
        {
            return [];
        }
    }

    private static KeysetCursor? Read(string ticks, string id, string? part) =>
        long.TryParse(ticks, NumberStyles.None, CultureInfo.InvariantCulture, out var at) && at <= DateTime.MaxValue.Ticks
        && id.All(character => char.IsAsciiLetterOrDigit(character) || character == '_')
            ? new KeysetCursor(new DateTimeOffset(at, TimeSpan.Zero), id, part)
            : null;
}
