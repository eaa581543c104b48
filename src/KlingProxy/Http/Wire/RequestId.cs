using System.Buffers;
using System.Security.Cryptography;

namespace KlingProxy.Http.Wire;

/// <summary>
/// The id of a request, in the header, in problems and in logs. A caller's own is kept, so that a request can be followed through all their services;
/// what could forge a log line, or is longer than an id has to be, is not one, and ours takes its place.
/// </summary>
internal static class RequestId
{
    public const string Header = "X-Request-Id";

    private const int MaxLength = 64;

    private static readonly SearchValues<char> Safe = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.:/+=@");

    public static string Of(HttpRequest request) =>
        request.Headers[Header] is [{ Length: > 0 and <= MaxLength } own] && !own.AsSpan().ContainsAnyExcept(Safe)
            ? own
            : New();

    public static string New() => "req_" + RandomNumberGenerator.GetHexString(32, lowercase: true);
}
