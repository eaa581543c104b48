using System.Globalization;
using System.Net.Sockets;
using System.Text;

using KlingProxy.Tests.Uploads.Formats;

namespace KlingProxy.Tests.Access.Limits;

/// <summary>A request whose body comes as a test wants it to, over a connection of its own.</summary>
internal sealed class SlowBody : IAsyncDisposable
{
    private readonly TcpClient connection = new();

    /// <summary>Beyond what is read without a place, and at the least pace that is asked for a minute's worth: so long a busy machine may take. In bytes.</summary>
    public const int Begun = 500_000;

    /// <summary>Sends the head and the beginning of a body.</summary>
    /// <param name="length">Of the body; <c>null</c> sends it in chunks, which say nothing of its length.</param>
    public static async Task<SlowBody> Begin(Uri address, string call, string? secret, string type, byte[] body, long? length)
    {
        var slow = new SlowBody();
        await slow.connection.ConnectAsync(address.Host, address.Port, TestContext.Current.CancellationToken);
        await slow.Send(Encoding.ASCII.GetBytes(
            $"{call} HTTP/1.1\r\nHost: {address.Authority}\r\n{(secret is null ? "" : $"Authorization: Bearer {secret}\r\n")}Content-Type: {type}\r\n"
            + (length is null ? "Transfer-Encoding: chunked\r\n\r\n" : string.Create(CultureInfo.InvariantCulture, $"Content-Length: {length}\r\n\r\n"))));
        await slow.Send(length is null ? [.. Encoding.ASCII.GetBytes($"{body.Length:x}\r\n"), .. body, .. "\r\n"u8] : body);
        return slow;
    }

    /// <summary>An order with an image that does not end.</summary>
    public static Task<SlowBody> Job(Uri address, string? secret, bool chunked = false) =>
        Begin(address, "POST /v1/jobs", secret, "application/json", Encoding.ASCII.GetBytes("{\"input\":{\"image_url\":\"data:image/png;base64,".PadRight(Begun, 'A')), chunked ? null : 10_000_000);

    /// <summary>Any JSON that needs no large one's place and does not end.</summary>
    /// <param name="headers">More of them.</param>
    public static Task<SlowBody> Small(Uri address, string call, string secret, string headers = "") =>
        Begin(address, call, secret + headers, "application/json", Encoding.ASCII.GetBytes("{".PadRight(10_000)), 16_000);

    public static Task<SlowBody> Upload(Uri address, string? secret, string call = "POST /v1/uploads") => Begin(address, call, secret, "image/png", Picture.Png(400, 400, 10_000_000)[..Begun], 10_000_000);

    /// <summary>What is answered, as far as it is there at once.</summary>
    public async Task<string> Answer()
    {
        var answer = new byte[8192];
        var read = await connection.GetStream().ReadAsync(answer, TestContext.Current.CancellationToken);
        return Encoding.UTF8.GetString(answer, 0, read);
    }

    /// <summary>Hangs up in the middle.</summary>
    public ValueTask DisposeAsync()
    {
        connection.Client.LingerState = new LingerOption(true, 0);
        connection.Dispose();
        return ValueTask.CompletedTask;
    }

    public async Task Send(byte[] bytes) => await connection.GetStream().WriteAsync(bytes, TestContext.Current.CancellationToken);
}
