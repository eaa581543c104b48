using System.Net;

namespace KlingProxy.Fal.Calls;

/// <summary>As much of a reply as we ever look at; <see cref="None"/> when there was none.</summary>
internal sealed record FalReply(
    HttpStatusCode Status, ReadOnlyMemory<byte> Bytes, string? RequestId, string? ErrorType, string? BillableUnits, string? TimeoutType = null)
{
    public static readonly FalReply None = new(default, default, null, null, null);

    /// <summary>There was one, longer than may be read.</summary>
    public static readonly FalReply TooLong = None with { IsTooLong = true };

    public bool IsTooLong { get; private init; }

    public ReadOnlySpan<byte> Body => Bytes.Span;

    public bool IsSuccess => (int)Status is >= 200 and < 300;

    public string Failure => IsTooLong ? "fal's answer is too long" : Status == default ? "no answer" : $"fal answered {(int)Status}";

    public static async Task<FalReply> Of(HttpResponseMessage reply, CancellationToken cancel) => new(
        reply.StatusCode,
        await reply.Content.ReadAsByteArrayAsync(cancel),
        Header(reply, "x-fal-request-id"),
        Header(reply, "x-fal-error-type"),
        Header(reply, "x-fal-billable-units"),
        Header(reply, "x-fal-request-timeout-type"));

    private static string? Header(HttpResponseMessage reply, string name) =>
        reply.Headers.TryGetValues(name, out var values) ? values.FirstOrDefault() : null;
}
