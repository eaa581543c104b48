using KlingProxy.Http.Problems;

namespace KlingProxy.Jobs.Submitting;

internal static class IdempotencyKeyHeader
{
    private const string Name = "Idempotency-Key";
    private const int MaxLength = 255;

    /// <returns>The key, or what is wrong with it; neither where none was sent.</returns>
    public static (string? Key, Refusal? Fault) Read(HttpRequest request)
    {
        if (request.Headers[Name] is not { Count: > 0 } values)
            return (null, null);
        return values is [{ Length: > 0 and <= MaxLength } text] && text.All(character => character is >= '!' and <= '~')
            ? (text, null)
            : (null, JobProblems.InvalidIdempotencyKey.Because("Idempotency-Key must be 1 to 255 visible ASCII characters, sent once."));
    }
}
