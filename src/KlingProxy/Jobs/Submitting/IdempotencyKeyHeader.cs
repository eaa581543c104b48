using KlingProxy.Http.Bodies;

namespace KlingProxy.Jobs.Submitting;

internal static class IdempotencyKeyHeader
{
    private const string Name = "Idempotency-Key";
    private const int MaxLength = 255;

    /// <returns>Whether the header is absent or right; <paramref name="key"/> is <c>null</c> when it is absent.</returns>
    public static bool TryRead(HttpRequest request, JsonBody body, out IdempotencyKey? key)
    {
        key = null;
        if (request.Headers[Name] is not { Count: > 0 } values)
            return true;
        if (values is not [{ Length: > 0 and <= MaxLength } text] || text.Any(character => character is < '!' or > '~'))
            return false;

        key = new IdempotencyKey(text, CanonicalJson.Fingerprint(body));
        return true;
    }
}
