using System.Net.Sockets;
using System.Text;

using KlingProxy.Tests.Fixtures;

using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace KlingProxy.Tests.Access.Limits;

/// <summary>Who sends a byte now and then holds a connection, and nothing else.</summary>
public sealed class SlowCallerTests(SlowCallerTests.SlowCallerFixture proxy, TimedFixture usual) : IClassFixture<SlowCallerTests.SlowCallerFixture>, IClassFixture<TimedFixture>
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public void Has_to_send_a_kilobyte_a_second_after_ten_and_the_head_within_ten()
    {
        var limits = usual.Services.GetRequiredService<IOptions<KestrelServerOptions>>().Value.Limits;

        Assert.Equal((1024, TimeSpan.FromSeconds(10)), (limits.MinRequestBodyDataRate?.BytesPerSecond, limits.MinRequestBodyDataRate?.GracePeriod));
        Assert.Equal(TimeSpan.FromSeconds(10), limits.RequestHeadersTimeout);
    }

    /// <summary>With a grace of a second, since the test waits for it. Kestrel keeps the time, and has no clock to turn.</summary>
    [Theory]
    [InlineData("POST /v1/jobs", "application/json", "{\"input\":")]
    [InlineData("POST /v1/keys/x/rotate", "application/json", "{")]
    [InlineData("POST /v1/uploads", "image/png", "\u0089PNG")]
    public async Task Is_cut_off(string call, string type, string start)
    {
        using var connection = new TcpClient();
        await connection.ConnectAsync(proxy.Address.Host, proxy.Address.Port, Cancel);
        var key = call.Contains("keys", StringComparison.Ordinal) ? ProxyFixture.OperatorKey : await proxy.NewKey();
        var head = $"{call} HTTP/1.1\r\nHost: {proxy.Address.Authority}\r\nAuthorization: Bearer {key}\r\nContent-Type: {type}\r\nContent-Length: 10000\r\n\r\n{start}";
        await using var stream = connection.GetStream();
        await stream.WriteAsync(Encoding.Latin1.GetBytes(head), Cancel);

        using var reader = new StreamReader(stream);
        var answer = await reader.ReadToEndAsync(Cancel); // returns when the service hangs up

        Assert.Matches("^(HTTP/1.1 4[0-9]{2} |$)", answer);
    }

    public sealed class SlowCallerFixture : ProxyFixture
    {
        protected override void ConfigureWebHost(IWebHostBuilder builder)
        {
            base.ConfigureWebHost(builder);
            builder.ConfigureServices(services => services.PostConfigure<KestrelServerOptions>(kestrel =>
                kestrel.Limits.MinRequestBodyDataRate = new MinDataRate(kestrel.Limits.MinRequestBodyDataRate!.BytesPerSecond, TimeSpan.FromSeconds(1.1))));
        }
    }
}
