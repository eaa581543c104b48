using System.Globalization;
using System.Text.Json.Nodes;

namespace KlingProxy.Sandbox.Tests.Platform;

public sealed class UsageTests
{
    [Fact]
    public async Task Sums_up_a_day_in_fals_form()
    {
        await using var twin = await Twin.Start(OnOneClock);
        await twin.Submit();
        await twin.Submit(Given.Input(input => input["duration"] = "10"));
        await twin.Submit(Given.Asking("completes-then-422"));
        using var cancelled = await twin.CancelJob(await twin.Submit());
        twin.Clock.Advance(TimeSpan.FromSeconds(240));
        await twin.Submit(); // goes on

        using var response = await twin.Usage("?timeframe=day&timezone=UTC&expand=time_series,auth_method");

        var usage = await Twin.Json(response);
        Assert.Equal(200, (int)response.StatusCode);
        Assert.True(JsonNode.DeepEquals(usage, new JsonObject
        {
            ["time_series"] = new JsonArray(new JsonObject
            {
                ["bucket"] = "2026-01-01T00:00:00+00:00",
                ["results"] = new JsonArray(new JsonObject
                {
                    ["endpoint_id"] = Twin.Endpoint[1..],
                    ["unit"] = "second",
                    ["quantity"] = 15,
                    ["unit_price"] = 0.42m,
                    ["cost"] = 6.30m,
                    ["currency"] = "USD",
                    ["auth_method"] = "Production Key",
                }),
            }),
            ["next_cursor"] = null,
            ["has_more"] = false,
        }), usage.ToJsonString());
        Assert.Equal(6.30m, twin.Fal.Billed.Amount);
    }

    [Fact]
    public async Task Names_the_key_only_when_asked()
    {
        await using var twin = await Twin.Start();
        await twin.Complete();

        Assert.DoesNotContain("auth_method", (await Usage(twin, "?timeframe=day")).ToJsonString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Has_a_line_for_each_endpoint_and_each_price()
    {
        await using var twin = await Twin.Start(OnOneClock);
        foreach (var tier in (string[])["4k", "pro"])
        {
            foreach (var audio in (bool[])[false, true, true])
                await twin.Submit(Given.Input(input => input["generate_audio"] = audio), path: $"/fal-ai/kling-video/o3/{tier}/image-to-video");
        }

        twin.Clock.Advance(TimeSpan.FromSeconds(240));

        Assert.Equal(
            ["2026-01-01 4k 15 x 0.42 = 6.3", "2026-01-01 pro 5 x 0.112 = 0.56", "2026-01-01 pro 10 x 0.14 = 1.4"],
            Lines(await Usage(twin, "?timeframe=day")));
        Assert.Equal(
            ["2026-01-01 pro 5 x 0.112 = 0.56", "2026-01-01 pro 10 x 0.14 = 1.4"],
            Lines(await Usage(twin, "?timeframe=day&endpoint_id=fal-ai/flux/dev,fal-ai/kling-video/o3/pro/image-to-video")));
    }

    [Theory]
    [InlineData(false, new string[0])]
    [InlineData(true, new[] { "2026-01-01 4k 5 x 0.42 = 2.1" })]
    public async Task A_cancelled_run_costs_what_the_options_say(bool bills, string[] lines)
    {
        await using var twin = await Twin.Start(options => OnOneClock(options) with { BillsCancelledRuns = bills });
        var id = await twin.Submit();
        twin.Clock.Advance(TimeSpan.FromSeconds(100));
        using var cancelled = await twin.CancelJob(id);

        Assert.Equal(lines, Lines(await Usage(twin, "?timeframe=day")));
    }

    // Four jobs: one ends on each of the first three days at 00:04, the last begins on the third and ends on the fourth at 00:01.
    public static TheoryData<string, string> Windows => new()
    {
        { "?timeframe=day",                                                                                        "03 04" },
        { "?timeframe=day&start=2026-01-01",                                                                       "01 02 03 04" },
        { "?start=2026-01-01",                                                                                     "01 02 03 04" },
        { "?timeframe=day&start=2026-01-02T23:00:00Z&end=2026-01-03T00:01:00Z",                                    "02 03" },
        { "?timeframe=day&start=2026-01-02T23:00:00Z&end=2026-01-03T00:01:00Z&bound_to_timeframe=true",            "02 03" },
        { "?timeframe=day&start=2026-01-02T23:00:00Z&end=2026-01-03T00:01:00Z&bound_to_timeframe=false",           "" },
        { "?timeframe=day&start=2026-01-02T00:04:00Z&end=2026-01-03T00:04:00Z&bound_to_timeframe=false",           "02" },
        { "?timeframe=day&start=2026-01-02&end=2026-01-03",                                                        "02" },
        { "?timeframe=day&start=2026-01-03T01:00:00%2B02:00&end=2026-01-03T02:00:00%2B02:00",                      "02" },
        { "?timeframe=day&start=2026-01-01&end=9999-12-31T23:59:59Z",                                              "01 02 03 04" },
    };

    [Theory, MemberData(nameof(Windows))]
    public async Task Counts_a_job_on_the_day_it_ended_and_takes_whole_days_unless_told_otherwise(string query, string days)
    {
        await using var twin = await FourDays();

        Assert.Equal(days, string.Join(' ', Days(await Usage(twin, query))));
    }

    [Fact]
    public async Task Comes_in_pages_of_days()
    {
        await using var twin = await FourDays();

        var first = await Usage(twin, "?start=2026-01-01&limit=3");
        var second = await Usage(twin, $"?start=2026-01-01&limit=3&cursor={first["next_cursor"]}");

        Assert.Equal(("01 02 03", "Mg==", true), (string.Join(' ', Days(first)), (string?)first["next_cursor"], (bool)first["has_more"]!));
        Assert.Equal(("04", null, false), (string.Join(' ', Days(second)), (string?)second["next_cursor"], (bool)second["has_more"]!));
        Assert.Equal(4, Days(await Usage(twin, $"?start=2026-01-01&limit={int.MaxValue}")).Count());
    }

    // query, status, type
    public static TheoryData<string, int, string> Refusals => new()
    {
        { "?timeframe=day&limit=0",                         400, "validation_error" },
        { "?timeframe=day&cursor=two",                      400, "validation_error" },
        { "?timeframe=day&start=now",                       400, "validation_error" },
        { "?timeframe=day&bound_to_timeframe=1",            400, "validation_error" },
        { "?timeframe=hour",                                422, "not_implemented" },
        { "?timeframe=fortnight",                           422, "not_implemented" },
        { "",                                               422, "not_implemented" }, // a day without a timeframe: hours, at fal
        { "?start=2026-01-01&end=2026-01-02T23:59:59Z",     422, "not_implemented" },
        { "?start=2026-01-01&end=2026-03-06",               422, "not_implemented" },
        { "?timeframe=day&timezone=America/New_York",       422, "not_implemented" },
        { "?timeframe=day&expand=auth_method",              422, "not_implemented" },
        { "?timeframe=day&expand=time_series&expand=summary", 422, "not_implemented" },
    };

    [Theory, MemberData(nameof(Refusals))]
    public async Task Refuses_what_fal_would_and_what_it_cannot_do(string query, int status, string type)
    {
        await using var twin = await Twin.Start();

        using var response = await twin.Usage(query);

        Assert.Equal((status, type), ((int)response.StatusCode, (string?)(await Twin.Json(response))["error"]!["type"]));
    }

    private static SandboxOptions OnOneClock(SandboxOptions options) => options with { Wall = options.Clock };

    private static async Task<Twin> FourDays()
    {
        var twin = await Twin.Start(OnOneClock);
        foreach (var wait in (string[])["1.00:00:00", "1.00:00:00", "23:57:00", "00:04:00"])
        {
            await twin.Submit();
            twin.Clock.Advance(TimeSpan.Parse(wait, CultureInfo.InvariantCulture));
        }

        return twin;
    }

    private static async Task<JsonObject> Usage(Twin twin, string query)
    {
        using var response = await twin.Usage(query);
        Assert.Equal(200, (int)response.StatusCode);
        return await Twin.Json(response);
    }

    private static IEnumerable<string> Days(JsonObject usage) => usage["time_series"]!.AsArray().Select(bucket => ((string)bucket!["bucket"]!)[8..10]);

    private static IEnumerable<string> Lines(JsonObject usage) =>
        from bucket in usage["time_series"]!.AsArray()
        from line in bucket["results"]!.AsArray()
        let tier = ((string)line["endpoint_id"]!).Split('/')[3]
        select FormattableString.Invariant($"{((string)bucket["bucket"]!)[..10]} {tier} {(decimal)line["quantity"]!:0} x {(decimal)line["unit_price"]!:0.###} = {(decimal)line["cost"]!:0.###}");
}
