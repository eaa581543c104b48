using System.Globalization;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;

using KlingProxy.Tests.Fixtures;

namespace KlingProxy.Tests.Access.Limits;

/// <summary>A call whose body has come halfway, while something else happens.</summary>
internal sealed class DrippingCall : IAsyncDisposable
{
    private readonly TcpClient connection = new();
    private readonly byte[] rest;

    private DrippingCall(byte[] rest) => this.rest = rest;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <summary>Returns once the service knows the caller: its log names the request, or the body's first half was asked for.</summary>
    public static async Task<DrippingCall> Begin(ProxyFixture proxy, string call, string? secret, byte[] body, string type = "application/json", params (string Name, string Value)[] headers)
    {
        var half = new DrippingCall(body[(body.Length / 2)..]);
        await half.connection.ConnectAsync(proxy.Address.Host, proxy.Address.Port, Cancel);
        // 100-continue is sent when the handler begins to read the body, which is after the caller was judged.
        var head = new StringBuilder($"{call} HTTP/1.1\r\nHost: {proxy.Address.Authority}\r\n{(secret is null ? "" : $"Authorization: Bearer {secret}\r\n")}Content-Type: {type}\r\nContent-Length: {body.Length}\r\nExpect: 100-continue\r\nConnection: close\r\n");
        foreach (var (name, value) in headers)
            head.Append(CultureInfo.InvariantCulture, $"{name}: {value}\r\n");
        var stream = half.connection.GetStream();
        await stream.WriteAsync(Encoding.Latin1.GetBytes(head.Append("\r\n").ToString()), Cancel);
        var goOn = new byte["HTTP/1.1 100 Continue\r\n\r\n".Length];
        await stream.ReadExactlyAsync(goOn, Cancel);
        Assert.StartsWith("HTTP/1.1 100", Encoding.Latin1.GetString(goOn), StringComparison.Ordinal);
        await stream.WriteAsync(body.AsMemory(0, body.Length / 2), Cancel);
        return half;
    }

    /// <summary>Sends the rest.</summary>
    public async Task<(int Status, string Code, string Head)> End()
    {
        var stream = connection.GetStream();
        await stream.WriteAsync(rest, Cancel);
        using var reader = new StreamReader(stream, Encoding.UTF8);
        var answer = await reader.ReadToEndAsync(Cancel);
        var (head, body) = (answer[..answer.IndexOf("\r\n\r\n", StringComparison.Ordinal)], answer[(answer.IndexOf('{', StringComparison.Ordinal) is var start and >= 0 ? start : answer.Length)..]);
        var end = body.LastIndexOf('}');
        var json = end < 0 ? default : JsonElement.Parse(body[..(end + 1)]);
        return (int.Parse(head.AsSpan(9, 3), CultureInfo.InvariantCulture), json.ValueKind == JsonValueKind.Object && json.TryGetProperty("code", out var code) ? code.GetString()! : "", head);
    }

    /// <summary>Breaks off as a program does that dies: by RST.</summary>
    public void Reset()
    {
        connection.Client.LingerState = new LingerOption(true, 0);
        connection.Client.Dispose(); // the socket's own: the client would say goodbye first, by FIN
    }

    public ValueTask DisposeAsync()
    {
        connection.Dispose();
        return ValueTask.CompletedTask;
    }
}
