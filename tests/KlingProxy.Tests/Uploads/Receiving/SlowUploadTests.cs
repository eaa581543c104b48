using System.Net.Sockets;
using System.Text;

using KlingProxy.Sandbox;
using KlingProxy.Tests.Fixtures;
using KlingProxy.Tests.Uploads.Formats;

namespace KlingProxy.Tests.Uploads.Receiving;

/// <summary>It waits for the server's own patience, some twelve seconds of real time.</summary>
public sealed class SlowUploadTests(ProxyFixture proxy) : IClassFixture<ProxyFixture>
{
    [Fact]
    public async Task Gives_up_on_an_image_that_drips()
    {
        var cancel = TestContext.Current.CancellationToken;
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(proxy.Address.Host, proxy.Address.Port, cancel);
        var image = Picture.Png(400, 400, 10_000_000);
        byte[] begun = [.. Encoding.ASCII.GetBytes($"POST /v1/uploads HTTP/1.1\r\nHost: {proxy.Address.Authority}\r\nAuthorization: Bearer {await proxy.NewKey()}\r\nContent-Type: image/png\r\nContent-Length: {image.Length}\r\n\r\n"), .. image[..100_000]];
        for (var sent = 0; sent < begun.Length;)
            sent += await socket.SendAsync(begun.AsMemory(sent), cancel);

        var answer = new byte[4096];
        var read = await socket.ReceiveAsync(answer, cancel);

        var text = Encoding.UTF8.GetString(answer, 0, read);
        Assert.StartsWith("HTTP/1.1 408", text, StringComparison.Ordinal);
        Assert.Contains("upload-too-slow", text, StringComparison.Ordinal);
        Assert.DoesNotContain(proxy.Fal.Received, call => call.Operation == SandboxOperation.Put && call.IsWhole);
    }
}
