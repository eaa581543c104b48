using System.Text;
using System.Text.Json.Nodes;

using Microsoft.Extensions.Time.Testing;

namespace KlingProxy.Sandbox.Tests.Platform;

public sealed class ListRequestsTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Shows_a_request_only_once_it_has_ended()
    {
        await using var twin = await Twin.Start();
        var id = await twin.Submit();
        var seen = new List<int>();

        foreach (var step in (int[])[0, 20, 219, 1])
        {
            twin.Clock.Advance(TimeSpan.FromSeconds(step));
            seen.Add((await Listed(twin)).Length);
        }

        Assert.Equal([0, 0, 0, 1], seen);
        Assert.Equal([id], await Listed(twin));
    }

    [Fact]
    public async Task Has_fals_fields_and_dates_in_whole_seconds_of_the_wall()
    {
        var wall = new FakeTimeProvider(new DateTimeOffset(2030, 5, 1, 12, 0, 0, 900, TimeSpan.Zero));
        await using var twin = await Twin.Start(options => options with { Wall = wall });
        var id = await twin.Complete();

        var list = await List(twin);

        Assert.True(JsonNode.DeepEquals(list, new JsonObject
        {
            ["items"] = new JsonArray(new JsonObject
            {
                ["request_id"] = id,
                ["endpoint_id"] = Twin.Endpoint[1..],
                ["started_at"] = "2030-05-01T12:00:20Z",
                ["sent_at"] = "2030-05-01T12:00:00Z",
                ["ended_at"] = "2030-05-01T12:04:00Z",
                ["status_code"] = 200,
                ["duration"] = 240,
            }),
            ["next_cursor"] = null,
            ["has_more"] = false,
        }), list.ToJsonString());
    }

    // fault or input, seconds until cancelled, status code, status, started after
    public static TheoryData<string, int?, int, string, int> Endings => new()
    {
        { "none",               null, 200, "success",     20 },
        { "completes-then-422", null, 422, "user_error",  20 },
        { "no-image",           null, 422, "user_error",  20 },
        { "deadline",           null, 504, "error",       10 },
        { "none",                  5, 499, "user_error",   5 },
        { "none",                100, 499, "user_error",  20 },
    };

    [Theory, MemberData(nameof(Endings))]
    public async Task Tells_how_it_ended(string life, int? cancelledAfter, int code, string status, int startedAfter)
    {
        await using var twin = await Twin.Start(OnOneClock);
        var input = life switch
        {
            "completes-then-422" => Given.Asking(life),
            "no-image" => Given.Input(input => input.Remove("image_url")),
            _ => Given.Input(),
        };
        using var submitted = await twin.Post(input, headers: headers =>
        {
            if (life == "deadline") headers.Add("X-Fal-Request-Start-Timeout", "10");
        });
        var id = (string)(await Twin.Json(submitted))["request_id"]!;
        if (cancelledAfter is { } seconds)
        {
            twin.Clock.Advance(TimeSpan.FromSeconds(seconds));
            using var cancelled = await twin.CancelJob(id);
        }

        twin.Clock.Advance(TimeSpan.FromSeconds(241));

        var item = (await List(twin))["items"]![0]!;
        Assert.Equal(code, (int)item["status_code"]!);
        Assert.Equal($"2026-01-01T00:00:{startedAfter:00}Z", (string?)item["started_at"]);
        foreach (var word in (string[])["success", "error", "user_error"])
            Assert.Equal(word == status ? [id] : [], await Listed(twin, $"&status={word}"));
    }

    [Fact]
    public async Task Shows_what_went_in_and_came_out_when_asked()
    {
        await using var twin = await Twin.Start();
        var input = Given.Input(input => input["unknown"] = 1.50m);
        var id = await twin.Complete(input);

        var item = (await List(twin, "&expand=other,payloads"))["items"]![0]!;

        Assert.True(JsonNode.DeepEquals(input, item["json_input"]), item.ToJsonString());
        Assert.Equal(await twin.VideoOf(id), new Uri((string)item["json_output"]!["video"]!["url"]!));
    }

    [Fact]
    public async Task Shows_a_refusal_as_what_came_out_and_nothing_for_an_input_that_was_none()
    {
        await using var twin = await Twin.Start();
        using var submitted = await twin.Http.PostAsync(Twin.Endpoint, new StringContent("{", Encoding.UTF8, "application/json"), Cancel);
        twin.Clock.Advance(TimeSpan.FromSeconds(20));

        var item = (await List(twin, "&expand=payloads"))["items"]![0]!.AsObject();

        Assert.True(item.ContainsKey("json_input"));
        Assert.Null(item["json_input"]);
        Assert.Equal("value_error.jsondecode", (string?)item["json_output"]!["detail"]![0]!["type"]);
    }

    [Fact]
    public async Task A_request_whose_reply_was_lost_can_be_found_by_what_went_in()
    {
        await using var twin = await Twin.Start();
        await Assert.ThrowsAsync<HttpRequestException>(() => twin.Post(Given.Asking("loses-reply")));
        twin.Clock.Advance(TimeSpan.FromSeconds(240));

        var item = Assert.Single((await List(twin, "&expand=payloads"))["items"]!.AsArray(),
            item => JsonNode.DeepEquals(item!["json_input"], Given.Asking("loses-reply")));

        Assert.Equal(Assert.Single(twin.Fal.Jobs).RequestId, (string?)item!["request_id"]);
    }

    [Fact]
    public async Task Comes_newest_first_or_longest_first()
    {
        await using var twin = await Twin.Start(OnOneClock);
        var whole = await twin.Submit();
        twin.Clock.Advance(TimeSpan.FromSeconds(100));
        var cancelled = await twin.Submit();
        using var late = await twin.CancelJob(cancelled);
        twin.Clock.Advance(TimeSpan.FromSeconds(100));
        var refused = await twin.Submit(Given.Input(input => input.Remove("image_url")));
        twin.Clock.Advance(TimeSpan.FromSeconds(240));

        var latest = await twin.Submit();
        using var atOnce = await twin.CancelJob(latest);

        Assert.Equal([latest, whole, refused, cancelled], await Listed(twin));
        Assert.Equal([latest, whole, refused, cancelled], await Listed(twin, "&sort_by=ended_at"));
        Assert.Equal([whole, refused, latest, cancelled], await Listed(twin, "&sort_by=duration"));
    }

    [Fact]
    public async Task Comes_in_pages()
    {
        await using var twin = await Twin.Start(OnOneClock);
        var ids = new List<string>();
        for (var job = 0; job < 4; job++) ids.Insert(0, await twin.Submit());
        twin.Clock.Advance(TimeSpan.FromSeconds(240));

        var first = await List(twin, "&limit=3");
        var second = await List(twin, $"&limit=3&cursor={first["next_cursor"]}");

        Assert.Equal(("Mg==", true), ((string?)first["next_cursor"], (bool)first["has_more"]!));
        Assert.Equal((null, false), ((string?)second["next_cursor"], (bool)second["has_more"]!));
        Assert.Equal(ids, Ids(first).Concat(Ids(second)));
        Assert.False((bool)(await List(twin, "&limit=2&cursor=Mg=="))["has_more"]!);
        Assert.Empty(await Listed(twin, "&limit=100&cursor=MjE0NzQ4MzY0Nw==")); // 2147483647
    }

    [Fact]
    public async Task A_page_holds_fifty_unless_asked_otherwise()
    {
        await using var twin = await Twin.Start();
        await Task.WhenAll(Enumerable.Range(0, 101).Select(_ => twin.Submit()));
        twin.Clock.Advance(TimeSpan.FromSeconds(240));

        Assert.Equal((50, 100, 1), ((await Listed(twin)).Length, (await Listed(twin, "&limit=100")).Length, (await Listed(twin, "&limit=100&cursor=Mg==")).Length));
    }

    [Fact]
    public async Task A_request_that_ends_between_two_pages_shows_its_neighbour_twice()
    {
        await using var twin = await Twin.Start(OnOneClock);
        var older = await twin.Submit();
        var newer = await twin.Complete();

        var first = await Listed(twin, "&limit=1");
        using var cancelled = await twin.CancelJob(await twin.Submit());
        var second = await Listed(twin, "&limit=1&cursor=Mg==");

        Assert.Equal([newer], first);
        Assert.Equal([newer], second);
        Assert.Equal([older], await Listed(twin, "&limit=1&cursor=Mw=="));
    }

    // query, listed
    public static TheoryData<string, bool> Windows => new()
    {
        { "&start=2026-01-01T00:04:00Z",                                     true },
        { "&start=2026-01-01T00:04:00.001Z",                                 false },
        { "&end=2026-01-01T00:04:00Z",                                       false },
        { "&end=2026-01-01T00:04:00.0000001Z",                               true },
        { "&start=2026-01-01T02:04:00%2B02:00&end=2026-01-01T02:04:01%2B02:00", true },
        { "&start=2026-01-01",                                               true },
        { "&start=2026-01-02",                                               false },
        { "&end=2026-01-01",                                                 false },
        { "&end=2026-01-02",                                                 true },
        { "&start=2026-01-02&end=2026-01-01",                                false },
    };

    [Theory, MemberData(nameof(Windows))]
    public async Task Looks_from_start_until_before_end(string query, bool listed)
    {
        await using var twin = await Twin.Start(OnOneClock);
        await twin.Complete();
        twin.Clock.Advance(TimeSpan.FromSeconds(1));

        Assert.Equal(listed ? 1 : 0, (await Listed(twin, query)).Length);
    }

    [Fact]
    public async Task Looks_back_a_day_and_for_one_request_ninety()
    {
        await using var twin = await Twin.Start(OnOneClock);
        var id = await twin.Complete();
        var seen = new List<(int, int)>();

        foreach (var step in (int[])[24 * 60, 1, 89 * 24 * 60 - 1, 1])
        {
            twin.Clock.Advance(TimeSpan.FromMinutes(step));
            seen.Add(((await Listed(twin)).Length, (await Listed(twin, $"&request_id={id}")).Length));
        }

        Assert.Equal([(1, 1), (0, 1), (0, 1), (0, 0)], seen);
    }

    [Fact]
    public async Task Shows_the_endpoints_asked_for()
    {
        await using var twin = await Twin.Start(OnOneClock);
        var pro = await twin.Submit(path: "/fal-ai/kling-video/o3/pro/image-to-video");
        var big = await twin.Complete();

        Assert.Equal([big], await Listed(twin));
        Assert.Equal([big, pro], await Listed(twin, ",%20fal-ai/kling-video/o3/pro/image-to-video"));
        Assert.Equal([big, pro], await Listed(twin, "&endpoint_id=fal-ai/kling-video/o3/pro/image-to-video"));
        Assert.Equal([big], await Listed(twin, "&endpoint_id=fal-ai/flux/dev"));
    }

    [Fact]
    public async Task Shows_one_request_when_asked()
    {
        await using var twin = await Twin.Start();
        var one = await twin.Submit();
        await twin.Complete();

        Assert.Equal([one], await Listed(twin, $"&request_id={one}"));
        Assert.Empty(await Listed(twin, $"&request_id={Guid.CreateVersion7()}"));
    }

    [Theory]
    [InlineData("", "endpoint_id")]
    [InlineData("?endpoint_id=", "endpoint_id")]
    [InlineData("?endpoint_id=a&limit=0", "limit")]
    [InlineData("?endpoint_id=a&limit=101", "limit")]
    [InlineData("?endpoint_id=a&limit=ten", "limit")]
    [InlineData("?endpoint_id=a&limit=", "limit")]
    [InlineData("?endpoint_id=a&limit=1&limit=2", "limit")]
    [InlineData("?endpoint_id=a&cursor=2", "cursor")]
    [InlineData("?endpoint_id=a&cursor=MA==", "cursor")]
    [InlineData("?endpoint_id=a&cursor=LTE=", "cursor")]
    [InlineData("?endpoint_id=a&cursor=OTk5OTk5OTk5OTk5OTk5OTk5OTk=", "cursor")]
    [InlineData("?endpoint_id=a&start=yesterday", "start")]
    [InlineData("?endpoint_id=a&start=2026-01-01T00:00:00", "start")]
    [InlineData("?endpoint_id=a&end=01/02/2026", "end")]
    [InlineData("?endpoint_id=a&end=2026-01-01T00:00:00+00:00", "end")] // an unescaped plus is a space
    [InlineData("?endpoint_id=a&status=failed", "status")]
    [InlineData("?endpoint_id=a&sort_by=started_at", "sort_by")]
    [InlineData("?endpoint_id=a&request_id=1", "request_id")]
    public async Task Refuses_what_it_does_not_understand(string query, string field)
    {
        await using var twin = await Twin.Start();

        using var response = await twin.Http.GetAsync($"/v1/models/requests/by-endpoint{query}", Cancel);

        var error = (await Twin.Json(response))["error"]!;
        Assert.Equal(400, (int)response.StatusCode);
        Assert.Equal("validation_error", (string?)error["type"]);
        Assert.StartsWith($"{field}: ", (string?)error["message"], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(50, 200)]
    [InlineData(51, 400)]
    public async Task Takes_fifty_endpoints_at_most(int count, int status)
    {
        await using var twin = await Twin.Start();

        using var response = await twin.Requests(string.Concat(Enumerable.Repeat(",a", count - 1)));

        Assert.Equal(status, (int)response.StatusCode);
    }

    private static SandboxOptions OnOneClock(SandboxOptions options) => options with { Wall = options.Clock };

    private static async Task<JsonObject> List(Twin twin, string query = "")
    {
        using var response = await twin.Requests(query);
        Assert.Equal(200, (int)response.StatusCode);
        return await Twin.Json(response);
    }

    private static async Task<string[]> Listed(Twin twin, string query = "") => Ids(await List(twin, query));

    private static string[] Ids(JsonObject list) => [.. list["items"]!.AsArray().Select(item => (string)item!["request_id"]!)];
}
