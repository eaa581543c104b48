using KlingProxy.Access.Limits;
using KlingProxy.Tests.Fixtures;

using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace KlingProxy.Tests.Access.Limits;

/// <summary>What fits into a container, and that the server is told so.</summary>
public sealed class MemoryBoundsTests(ProxyFixture proxy) : IClassFixture<ProxyFixture>
{
    private const long Mebibyte = 1024 * 1024;

    [Theory]
    // memory of the container in MiB, connections, small bodies, those of one caller
    [InlineData(1, 500, 32, 4)]
    [InlineData(128, 682, 64, 8)]
    [InlineData(256, 1_365, 128, 16)]
    [InlineData(1024, 5_461, 512, 64)]
    [InlineData(1024 * 1024, 100_000, 4096, 512)]
    public void Follow_the_memory(long mebibytes, int connections, int smallBodies, int perCaller)
    {
        var bounds = new MemoryBounds(mebibytes * Mebibyte / 4 * 3); // what the runtime takes of it

        Assert.Equal((connections, smallBodies, perCaller), (bounds.Connections, bounds.SmallBodies, bounds.SmallBodiesPerCaller));
    }

    [Fact]
    public void The_server_keeps_to_them()
    {
        var limits = proxy.Services.GetRequiredService<IOptions<KestrelServerOptions>>().Value.Limits;

        Assert.Equal(MemoryBounds.OfProcess().Connections, limits.MaxConcurrentConnections);
        Assert.Equal((16 * 1024, 8 * 1024), (limits.MaxRequestHeadersTotalSize, limits.MaxRequestLineSize));
        Assert.True(limits.MaxRequestBufferSize + limits.MaxRequestHeadersTotalSize <= 48 * 1024, "More than a connection is counted with.");
    }
}
