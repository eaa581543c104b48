using KlingProxy.Tests.Fixtures;

namespace KlingProxy.Tests.Jobs.Reading;

public sealed class ForeignMediaTests(ForeignMediaTests.ForeignMediaFixture proxy) : IClassFixture<ForeignMediaTests.ForeignMediaFixture>
{
    [Theory]
    [InlineData("GET")]
    [InlineData("HEAD")]
    public async Task Reads_nothing_from_a_host_that_is_not_listed(string verb)
    {
        using var caller = await proxy.NewCaller();
        var job = await proxy.End(caller, (await caller.Create()).Text("id"));

        Assert.Equal("completed", job.Text("status"));
        Assert.Equal(410, await caller.Call($"{verb} /v1/jobs/{job.Text("id")}/video").Status());
        Assert.Equal(0, proxy.Fal.Counts.Media);
    }

    [Fact]
    public async Task Says_so()
    {
        using var caller = await proxy.NewCaller();
        var job = await proxy.End(caller, (await caller.Create()).Text("id"));

        await caller.Call($"GET /v1/jobs/{job.Text("id")}/video").Refused(410, "media-expired");
    }

    public sealed class ForeignMediaFixture : ProxyFixture
    {
        protected override IEnumerable<(string Name, string Value)> Settings => [("Fal:MediaHosts:0", "*.fal.media")];
    }
}
