using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;

namespace KlingProxy.Sandbox.Platform;

/// <summary>A part of a list. Its cursor is a page number, so an entry that is added meanwhile shows its neighbour twice.</summary>
internal sealed record Page(int Number, int Size)
{
    /// <summary>Null for a cursor that no page ever gave.</summary>
    public static int? NumberIn(string cursor)
    {
        Span<byte> digits = stackalloc byte[12];
        return Convert.TryFromBase64String(cursor, digits, out var length)
            && int.TryParse(digits[..length], NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number > 0
            ? number
            : null;
    }

    public JsonObject Of<T>(string name, IReadOnlyCollection<T> all, Func<T, JsonObject> json)
    {
        var skipped = (Number - 1L) * Size;
        var hasMore = skipped + Size < all.Count;
        return new JsonObject
        {
            [name] = new JsonArray([.. all.Skip((int)Math.Min(skipped, all.Count)).Take(Size).Select(json)]),
            ["next_cursor"] = hasMore ? Cursor(Number + 1) : null,
            ["has_more"] = hasMore,
        };
    }

    private static string Cursor(int number) => Convert.ToBase64String(Encoding.ASCII.GetBytes(number.ToString(CultureInfo.InvariantCulture)));
}
