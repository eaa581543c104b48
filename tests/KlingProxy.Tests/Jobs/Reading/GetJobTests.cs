using KlingProxy.Tests.Fixtures;

namespace KlingProxy.Tests.Jobs.Reading;

public sealed class GetJobTests(ProxyFixture proxy) : IClassFixture<ProxyFixture>
{
    [Fact]
    public async Task Answers_304_until_something_changes()
    {
        using var caller = await proxy.NewCaller();
        var path = $"/v1/jobs/{(await caller.Create()).Text("id")}";
        using var first = await caller.Call($"GET {path}");
        var tag = first.Headers.ETag!.ToString();

        using var same = await caller.Call($"GET {path}", null, ("If-None-Match", tag));
        Assert.Equal(304, (int)same.StatusCode);
        Assert.Equal(tag, same.Headers.ETag?.ToString());
        Assert.NotNull(same.Headers.RetryAfter);
        Assert.Equal(first.ToCaches(), same.ToCaches());
        Assert.True(same.Headers.CacheControl?.NoStore);
        Assert.Empty(await same.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken));

        await proxy.End(caller, path.Split('/')[^1]);
        using var other = await caller.Call($"GET {path}", null, ("If-None-Match", tag));
        Assert.Equal(200, (int)other.StatusCode);
        Assert.NotEqual(tag, other.Headers.ETag?.ToString());
    }

    [Fact]
    public async Task Shows_what_the_model_printed_but_not_in_lists()
    {
        using var caller = await proxy.NewCaller();
        var job = await proxy.End(caller, (await caller.Create()).Text("id"));
        using var reply = await caller.Call($"GET /v1/jobs/{job.Text("id")}");

        var lines = job.GetProperty("logs").EnumerateArray().ToList();

        Assert.NotEmpty(lines);
        Assert.Matches($"^\"[0-9]+\\.{lines.Count}\"$", reply.Headers.ETag?.Tag); // another with each line
        Assert.All(lines, line => Assert.NotEmpty(line.Text("message") + line.Text("level") + line.Text("timestamp")));
        Assert.All((await caller.Call("GET /v1/jobs").Json()).GetProperty("data").EnumerateArray(), listed => Assert.False(listed.TryGetProperty("logs", out _)));
    }

    [Theory]
    [InlineData("*", 304)]
    [InlineData("W/\"99999\"", 200)]
    [InlineData("W/\"99999\", W/\"2\", W/\"3\"", 304)]
    [InlineData("junk", 200)]
    [InlineData("\"\"", 200)]
    public async Task Compares_tags(string tag, int status)
    {
        using var caller = await proxy.NewCaller();
        var job = await caller.Create();
        await caller.Reaches(job.Text("id"), "queued");

        Assert.Equal(status, await caller.Call($"GET /v1/jobs/{job.Text("id")}", null, ("If-None-Match", tag)).Status());
    }

    [Fact]
    public async Task Answers_with_the_end_when_the_caller_would_rather_wait()
    {
        using var caller = await proxy.NewCaller();
        var job = await caller.Create();

        using var reply = await proxy.End(caller.Call($"GET /v1/jobs/{job.Text("id")}", null, ("Prefer", "wait=60")));

        Assert.Equal("completed", (await reply.Json()).Text("status"));
    }

    [Theory]
    [InlineData("wait=0")]
    [InlineData("wait=-1")]
    [InlineData("wait=soon")]
    [InlineData("wait")]
    [InlineData("=;,=,;;")]
    [InlineData("return=minimal")]
    public async Task Answers_at_once_when_no_wait_is_understood(string preference)
    {
        using var caller = await proxy.NewCaller();
        var job = await caller.Create();

        Assert.Equal("queued", (await caller.Call($"GET /v1/jobs/{job.Text("id")}", null, ("Prefer", preference)).Json()).Text("status"));
    }

    [Fact]
    public async Task Answers_as_the_job_stands_when_the_time_is_up()
    {
        using var caller = await proxy.NewCaller();
        var job = await caller.Create();

        Assert.Equal("queued", (await caller.Call($"GET /v1/jobs/{job.Text("id")}", null, ("Prefer", "wait=1")).Json()).Text("status"));
    }

    [Fact]
    public async Task Shows_each_stage_as_fal_reports_it()
    {
        using var caller = await proxy.NewCaller();
        var id = (await caller.Create()).Text("id");

        proxy.FalClock.Advance(TimeSpan.FromSeconds(30));
        await caller.Reaches(id, "in_progress");
        var running = await caller.Call($"GET /v1/jobs/{id}").Json();
        var ended = await proxy.End(caller, id);

        Assert.Equal("in_progress", running.Text("status"));
        Assert.NotEmpty(running.Text("started_at"));
        Assert.Equal(running.Text("started_at"), ended.Text("started_at"));
        Assert.EndsWith("Z", ended.Text("ended_at"), StringComparison.Ordinal);
        Assert.Equal(System.Text.Json.JsonValueKind.Null, ended.GetProperty("links").GetProperty("cancel").ValueKind);
    }
}
