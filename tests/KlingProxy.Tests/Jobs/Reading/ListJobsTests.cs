using System.Text.Json;

using KlingProxy.Tests.Fixtures;

namespace KlingProxy.Tests.Jobs.Reading;

public sealed class ListJobsTests(ProxyFixture proxy) : IClassFixture<ProxyFixture>
{
    [Fact]
    public async Task Lists_own_jobs_newest_first()
    {
        using var one = await proxy.NewCaller();
        using var other = await proxy.NewCaller();
        var first = await one.Create();
        await other.Create();
        var second = await one.Create();

        var (ids, next) = Read(await one.Call("GET /v1/jobs").Json());

        Assert.Equal([second.Text("id"), first.Text("id")], ids);
        Assert.Null(next);
    }

    [Fact]
    public async Task Is_empty_for_a_newcomer()
    {
        using var caller = await proxy.NewCaller();

        Assert.Equal("""{"data":[],"next_cursor":null}""", (await caller.Call("GET /v1/jobs").Json()).GetRawText());
    }

    [Fact]
    public async Task Filters_by_status()
    {
        using var caller = await proxy.NewCaller();
        var ended = await caller.Create();
        await proxy.End(caller, ended.Text("id"));
        var running = await caller.Create();

        Assert.Equal([ended.Text("id")], Read(await caller.Call("GET /v1/jobs?status=completed").Json()).Ids);
        Assert.Equal([running.Text("id")], Read(await caller.Call("GET /v1/jobs?status=queued").Json()).Ids);
        Assert.Empty(Read(await caller.Call("GET /v1/jobs?status=failed").Json()).Ids);
    }

    [Fact]
    public async Task Pages_do_not_move_when_new_jobs_come()
    {
        using var caller = await proxy.NewCaller();
        var created = new List<string>();
        for (var count = 0; count < 5; count++)
            created.Insert(0, (await caller.Create()).Text("id"));

        var seen = new List<string>();
        for (var cursor = ""; cursor is not null;)
        {
            var (ids, next) = Read(await caller.Call($"GET /v1/jobs?limit=2{(cursor == "" ? "" : $"&cursor={cursor}")}").Json());
            Assert.InRange(ids.Count, 1, 2);
            seen.AddRange(ids);
            await caller.Create();
            cursor = next;
        }

        Assert.Equal(created, seen);
    }

    [Fact]
    public async Task Ends_without_a_cursor_on_a_full_last_page()
    {
        using var caller = await proxy.NewCaller();
        await caller.Create();
        await caller.Create();

        var (ids, next) = Read(await caller.Call("GET /v1/jobs?limit=2").Json());

        Assert.Equal((2, null), (ids.Count, next));
    }

    [Fact]
    public async Task A_cursor_of_somebody_else_shows_none_of_their_jobs()
    {
        using var one = await proxy.NewCaller();
        using var other = await proxy.NewCaller();
        await one.Create();
        await one.Create();
        var theirs = await other.Create();

        var cursor = Read(await one.Call("GET /v1/jobs?limit=1").Json()).Next;

        Assert.All(Read(await other.Call($"GET /v1/jobs?cursor={cursor}").Json()).Ids, id => Assert.Equal(theirs.Text("id"), id));
    }

    private static (List<string> Ids, string? Next) Read(JsonElement list) =>
        ([.. list.GetProperty("data").EnumerateArray().Select(job => job.Text("id"))], list.GetProperty("next_cursor").GetString());
}
