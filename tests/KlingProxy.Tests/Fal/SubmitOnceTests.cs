using System.Net.Sockets;

namespace KlingProxy.Tests.Fal;

/// <summary>Once the bytes of a submit have left, whatever becomes of the connection, there is no second POST.</summary>
public sealed class SubmitOnceTests(SubmitOnceTests.World proxy) : IClassFixture<SubmitOnceTests.World>
{
    private static readonly Dictionary<string, Func<Socket, Task<bool>>> Endings = new()
    {
        ["reset"] = connection => Task.FromResult(RawUpstream.Reset(connection)),
        ["closed"] = _ => Task.FromResult(false),
        ["half a status line"] = async connection => !await RawUpstream.Say(connection, "HTTP/1.1 2"),
        ["half a head"] = async connection => !await RawUpstream.Say(connection, "HTTP/1.1 200 OK\r\nContent-Type: appl"),
        ["half a body"] = async connection => !await RawUpstream.Say(connection, RawUpstream.Json(200, """{"request_id":""", length: "99")),
        ["half a body, then reset"] = async connection => await RawUpstream.Say(connection, RawUpstream.Json(200, """{"request_id":""", length: "99")) && RawUpstream.Reset(connection),
        ["not HTTP"] = async connection => !await RawUpstream.Say(connection, "SSH-2.0-OpenSSH_9.2\r\n"),
        ["200 with junk"] = connection => RawUpstream.Say(connection, RawUpstream.Json(200, "junk")),
        ["200 without an id"] = connection => RawUpstream.Say(connection, RawUpstream.Json(200, "{}")),
        ["200 with a hostile id"] = connection => RawUpstream.Say(connection, RawUpstream.Json(200, """{"request_id":"../../x"}""")),
        ["200 that never ends"] = async connection => !await RawUpstream.Say(connection, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"),
        ["500"] = connection => RawUpstream.Say(connection, RawUpstream.Json(500, "")),
        ["502"] = connection => RawUpstream.Say(connection, RawUpstream.Json(502, "<html>")),
        ["504"] = connection => RawUpstream.Say(connection, RawUpstream.Json(504, "{}")),
        ["redirect"] = connection => RawUpstream.Say(connection, "HTTP/1.1 307 X\r\nLocation: /elsewhere\r\nContent-Length: 0\r\n\r\n"),
        ["408"] = connection => RawUpstream.Say(connection, RawUpstream.Json(408, "")),
        ["429 with an id"] = connection => RawUpstream.Say(connection, RawUpstream.Json(429, """{"request_id":"r1"}""")),
    };

    public static TheoryData<string, bool> Cases => [.. from ending in Endings.Keys from warm in new[] { false, true } select (ending, warm)];

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task Posts_once_and_admits_that_it_does_not_know(string ending, bool onWarmConnection)
    {
        using var caller = await proxy.NewCaller();
        proxy.Upstream.AfterPost = (connection, _) => RawUpstream.Say(connection, RawUpstream.Json(200, """{"request_id":"warm-up"}"""));
        if (onWarmConnection) // a connection that has served before, and lies in the pool
            Assert.Equal("queued", (await caller.Create()).Text("status"));
        proxy.Upstream.AfterPost = (connection, _) => Endings[ending](connection);
        var before = proxy.Upstream.Posts;

        var job = await caller.Create();

        Assert.Equal((ending, "unconfirmed", 1), (ending, job.Text("status"), proxy.Upstream.Posts - before));
    }

    [Theory]
    [InlineData(429)]
    [InlineData(503)]
    public async Task Posts_again_only_when_fal_says_not_now(int status)
    {
        using var caller = await proxy.NewCaller();
        var before = proxy.Upstream.Posts;
        proxy.Upstream.AfterPost = (connection, number) => RawUpstream.Say(connection, number == before + 1 ? RawUpstream.Json(status, "{}") : RawUpstream.Json(200, """{"request_id":"second"}"""));

        var job = await caller.Create();

        Assert.Equal(("queued", 2), (job.Text("status"), proxy.Upstream.Posts - before));
    }

    public sealed class World : ProxyFixture
    {
        internal RawUpstream Upstream { get; } = new();

        protected override IEnumerable<(string Name, string Value)> Settings => [("Fal:QueueUrl", Upstream.Url)];

        public override async ValueTask DisposeAsync()
        {
            await base.DisposeAsync();
            await Upstream.DisposeAsync();
            GC.SuppressFinalize(this);
        }
    }
}
