using System.Globalization;
using System.Text;

namespace KlingProxy.Bench.Load;

/// <summary>Requests as they go over the wire.</summary>
internal static class RequestBytes
{
    public static ReadOnlyMemory<byte> Get(string path, params ReadOnlySpan<string> headers) => Of("GET", path, default, headers);

    public static ReadOnlyMemory<byte> Post(string path, string json, params ReadOnlySpan<string> headers) =>
        Of("POST", path, Encoding.UTF8.GetBytes(json), [.. headers, "Content-Type: application/json"]);

    public static ReadOnlyMemory<byte> Of(string method, string path, ReadOnlySpan<byte> body, params ReadOnlySpan<string> headers)
    {
        var head = new StringBuilder($"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n");
        foreach (var header in headers)
            head.Append(header).Append("\r\n");
        if (method is not "GET")
            head.Append(CultureInfo.InvariantCulture, $"Content-Length: {body.Length}\r\n");
        return (byte[])[.. Encoding.ASCII.GetBytes(head.Append("\r\n").ToString()), .. body];
    }
}
