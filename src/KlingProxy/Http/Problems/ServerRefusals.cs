using System.Buffers.Text;
using System.IO.Pipelines;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

using KlingProxy.Http.Wire;

using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace KlingProxy.Http.Problems;

/// <summary>
/// What the server refuses before there is a request (a head that is too long, or is no HTTP) never reaches the pipeline: it answers with a status and nothing
/// else. Here such an answer becomes a problem like every other on its way out.
/// </summary>
internal static class ServerRefusals
{
    public static readonly Problem
        BadRequest = new("bad-request", 400, "This is no request that the server can read.",
            "The request line, a header or the framing of the body is not as RFC 9112 writes it, or Host is missing. Look at what the client, or a proxy "
                + "before this server, really sent."),
        TimedOut = new("request-timeout", 408, "The request took too long to arrive.",
            "Its headers have ten seconds. The connection was closed; nothing was done."),
        AddressTooLong = new("uri-too-long", 414, "The address is too long.",
            "A request line may have 8,192 bytes. An input goes into the body of a POST, not into the query."),
        HeadersTooLarge = new("headers-too-large", 431, "The headers are too large.",
            "A request may have 100 headers of 16,384 bytes together. Cookies of other services on the same host are a common reason."),
        VersionNotSupported = new("http-version-not-supported", 505, "The server does not speak this version of HTTP.",
            "Ask in HTTP/1.1. Look at what the client, or a proxy before this server, really sent.");

    public static readonly IReadOnlyList<Problem> All = [BadRequest, TimedOut, AddressTooLong, HeadersTooLarge, VersionNotSupported];

    public static void ExplainOwnRefusals(this ListenOptions listen)
    {
        var mode = listen.ApplicationServices.GetRequiredService<ServiceMode>();
        listen.Use(next => connection =>
        {
            connection.Transport = new Explained(connection.Transport, mode);
            return next(connection);
        });
    }

    /// <summary>The whole answer in the place of a bare one; <c>null</c> for what is none.</summary>
    public static byte[]? Explain(ReadOnlySpan<byte> written, ServiceMode mode)
    {
        if (written.Length > 512 || !IsRefusal(written) || !written.EndsWith("\r\n\r\n"u8) || written.IndexOf("Content-Length: 0\r\n"u8) is var length
            && length < 0
            || written.IndexOf(RequestIdName) >= 0 // ours have one
            || !Utf8Parser.TryParse(written["HTTP/1.1 "u8.Length..], out int status, out _))
            return null;

        return Whole(written, status, mode);
    }

    // Apart, because what it captures would otherwise be made for every piece that is looked at.
    private static byte[] Whole(ReadOnlySpan<byte> written, int status, ServiceMode mode)
    {
        var problem = All.FirstOrDefault(problem => problem.Status == status) ?? (status < 500 ? BadRequest : HttpProblems.Internal);
        var requestId = RequestId.New();
        var body = Body(problem, status, requestId);
        var head = Encoding.ASCII.GetString(written[..^2]).Replace("Content-Length: 0\r\n", "", StringComparison.Ordinal)
            + $"Content-Type: application/problem+json\r\nContent-Length: {body.Length}\r\nCache-Control: no-store\r\nVary: Origin\r\nX-Content-Type-Options: "
                + "nosniff\r\n"
            + $"{RequestId.Header}: {requestId}\r\n{ResponseHeaders.Mode}: {mode.Word}\r\n\r\n";
        return [.. Encoding.ASCII.GetBytes(head), .. body];
    }

    // A 500 may answer a HEAD, after which the connection goes on: a body would be taken for the next answer.
    private static bool IsRefusal(ReadOnlySpan<byte> written) =>
        written.StartsWith("HTTP/1.1 4"u8) || (written.StartsWith("HTTP/1.1 5"u8) && written.IndexOf("Connection: close\r\n"u8) >= 0);

    private static ReadOnlySpan<byte> RequestIdName => "X-Request-Id"u8;

    private static byte[] Body(Problem problem, int status, string requestId)
    {
        using var bytes = new MemoryStream();
        using (var writer = new Utf8JsonWriter(bytes))
            new JsonObject
            {
                ["type"] = problem.Type,
                ["title"] = problem.Title,
                ["status"] = status,
                ["detail"] = problem.Help,
                ["code"] = problem.Code,
                [Problem.HelpField] = problem.Help,
                ["request_id"] = requestId,
            }.WriteTo(writer);
        return bytes.ToArray();
    }

    private sealed class Explained(IDuplexPipe connection, ServiceMode mode) : IDuplexPipe
    {
        public PipeReader Input => connection.Input;

        public PipeWriter Output { get; } = new ExplainingWriter(connection.Output, mode);
    }

    /// <summary>Looks at the first bytes of each piece that the server writes, and passes everything on.</summary>
    private sealed class ExplainingWriter(PipeWriter inner, ServiceMode mode) : PipeWriter
    {
        private Memory<byte> piece;

        public override bool CanGetUnflushedBytes => inner.CanGetUnflushedBytes;

        public override long UnflushedBytes => inner.UnflushedBytes;

        public override Memory<byte> GetMemory(int sizeHint = 0) => piece = inner.GetMemory(sizeHint);

        public override Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;

        public override void Advance(int bytes)
        {
            if (bytes <= piece.Length && Explain(piece.Span[..bytes], mode) is { } whole && whole.Length <= piece.Length)
            {
                whole.CopyTo(piece);
                bytes = whole.Length;
            }
            piece = piece[Math.Min(bytes, piece.Length)..]; // the server may go on writing behind it
            inner.Advance(bytes);
        }

        public override ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default) => inner.FlushAsync(cancellationToken);

        public override ValueTask<FlushResult> WriteAsync(ReadOnlyMemory<byte> source, CancellationToken cancellationToken = default) =>
            inner.WriteAsync(source, cancellationToken);

        public override void CancelPendingFlush() => inner.CancelPendingFlush();

        public override void Complete(Exception? exception = null) => inner.Complete(exception);

        public override ValueTask CompleteAsync(Exception? exception = null) => inner.CompleteAsync(exception);
    }
}
