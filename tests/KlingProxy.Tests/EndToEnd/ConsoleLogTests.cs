using System.Net.Sockets;
using System.Text;
using System.Text.Json;

using KlingProxy.Tests.Fixtures;

namespace KlingProxy.Tests.EndToEnd;

/// <summary>What an operator reads on standard output, in both forms, as the process itself writes it.</summary>
public sealed class ConsoleLogTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("Production")]
    [InlineData("Development")]
    public async Task Lines_say_their_request_and_a_flood_of_them_is_bounded(string environment)
    {
        await using var proxy = await ProxyProcess.Start(
            new() { ["ASPNETCORE_ENVIRONMENT"] = environment, ["Fal__Mode"] = "Sandbox", ["Access__OperatorKey"] = ProxyFixture.OperatorKey }, Cancel);

        for (var time = 1; time <= 100; time++)
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, $"/webhooks/fal/job_{time}/0123456789abcdef") { Headers = { { "X-Request-Id", $"flood-{time}." } }, Content = new StringContent("{}", Encoding.UTF8, "application/json") };
            using var reply = await proxy.Client.SendAsync(request, Cancel);
        }
        Assert.Equal(0, await proxy.Terminate(Cancel));

        var lines = proxy.Output.Split('\n').Where(line => line.Contains("Refused a delivery", StringComparison.Ordinal)).ToList();
        Assert.Equal(60, lines.Count);
        Assert.All(lines.Index(), line => Assert.Contains($"flood-{line.Index + 1}.", line.Item, StringComparison.Ordinal));
        Assert.Contains("what comes like it", lines[^1], StringComparison.Ordinal);
        Assert.DoesNotContain("0123456789abcdef", proxy.Output, StringComparison.Ordinal);
        if (environment == "Production")
            Assert.All(lines, line => Assert.Equal(JsonValueKind.Object, JsonElement.Parse(line).ValueKind));
    }

    [Fact]
    public async Task Whoever_breaks_off_a_body_is_no_error()
    {
        await using var proxy = await ProxyProcess.Start(
            new() { ["ASPNETCORE_ENVIRONMENT"] = "Production", ["Fal__Mode"] = "Sandbox", ["Access__OperatorKey"] = ProxyFixture.OperatorKey }, Cancel);

        for (var time = 0; time < 20; time++)
            await BreakOff(proxy.Client.BaseAddress!);
        Assert.Equal(0, await proxy.Terminate(Cancel));

        Assert.DoesNotContain("\"@l\":\"Error\"", proxy.Output, StringComparison.Ordinal);
    }

    // By RST, while the service waits for the body.
    private static async Task BreakOff(Uri address)
    {
        using var connection = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await connection.ConnectAsync(address.Host, address.Port, Cancel);
        await connection.SendAsync(Encoding.ASCII.GetBytes(
            $"POST /v1/keys HTTP/1.1\r\nHost: {address.Authority}\r\nAuthorization: Bearer {ProxyFixture.OperatorKey}\r\nContent-Type: application/json\r\nContent-Length: 1000\r\nExpect: 100-continue\r\n\r\n"), Cancel);
        Assert.NotEqual(0, await connection.ReceiveAsync(new byte[100], Cancel)); // 100: it waits
        connection.LingerState = new LingerOption(true, 0);
    }
}
