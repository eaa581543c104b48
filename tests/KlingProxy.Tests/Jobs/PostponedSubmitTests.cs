using System.Net;
using System.Net.Sockets;

using KlingProxy.Sandbox;

namespace KlingProxy.Tests.Jobs;

public sealed class PostponedSubmitTests(PostponedSubmitTests.World proxy) : IClassFixture<PostponedSubmitTests.World>
{
    [Fact]
    public async Task Is_sent_later_when_fal_says_not_now()
    {
        using var caller = await proxy.NewCaller();
        var order = Given.Order();
        proxy.Fal.Fault = SandboxFault.RateLimited;

        var job = await caller.Create(order);
        await proxy.TurnWhileUnsent(job.Text("id"), () => proxy.SubmitsOf(order) == 2);
        Assert.Equal("submitting", (await caller.Call($"GET /v1/jobs/{job.Text("id")}").Json()).Text("status"));
        proxy.Fal.Fault = null;
        await proxy.TurnWhileUnsent(job.Text("id"), () => false);

        Assert.Equal("submitting", job.Text("status"));
        Assert.Equal("queued", (await caller.Call($"GET /v1/jobs/{job.Text("id")}").Json()).Text("status"));
        Assert.Equal(3, proxy.SubmitsOf(order));
        Assert.Equal("completed", (await proxy.End(caller, job.Text("id"))).Text("status"));
    }

    [Fact]
    public async Task Fails_for_nothing_when_fal_says_so_until_the_start_deadline()
    {
        using var caller = await proxy.NewCaller();
        var id = (await caller.Create(Given.OrderThat("rate-limited"))).Text("id");

        await proxy.TurnWhileUnsent(id, () => false);
        var job = await caller.Call($"GET /v1/jobs/{id}").Json();

        Assert.Equal(("failed", "0.00", "upstream-unavailable"), (job.Text("status"), job.Text("cost"), job.GetProperty("error").Text("code")));
    }

    public sealed class World : TimedFixture
    {
        protected override IEnumerable<(string Name, string Value)> Settings => [.. base.Settings, ("Fal:StartTimeout", "00:10:00")];
    }
}

public sealed class ClosedPortTests(ClosedPortTests.World proxy) : IClassFixture<ClosedPortTests.World>
{
    [Fact]
    public async Task What_provably_never_left_is_never_unconfirmed()
    {
        using var caller = await proxy.NewCaller();

        var job = await caller.Create();
        Assert.Equal("submitting", job.Text("status"));
        await proxy.TurnWhileUnsent(job.Text("id"), () => false);
        var events = await caller.AllEvents(job.Text("id"));
        job = await caller.Call($"GET /v1/jobs/{job.Text("id")}").Json();

        Assert.Equal(["submitting", "failed"], events.Statuses());
        Assert.Equal(("0.00", "upstream-unavailable"), (job.Text("cost"), job.GetProperty("error").Text("code")));
    }

    public sealed class World : TimedFixture
    {
        protected override IEnumerable<(string Name, string Value)> Settings => [.. base.Settings, ("Fal:StartTimeout", "00:01:00"), ("Fal:QueueUrl", $"http://127.0.0.1:{ClosedPort()}")];

        private static int ClosedPort()
        {
            using var listener = new TcpListener(IPAddress.Loopback, 0);
            listener.Start();
            return ((IPEndPoint)listener.LocalEndpoint).Port;
        }
    }
}
