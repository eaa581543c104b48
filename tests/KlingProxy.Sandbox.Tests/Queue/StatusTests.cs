using System.Text.Json.Nodes;

namespace KlingProxy.Sandbox.Tests.Queue;

public sealed class StatusTests
{
    [Fact]
    public async Task Counts_down_runs_and_completes_with_fals_status_codes()
    {
        await using var twin = await Twin.Start();
        var id = await twin.Submit();
        var seen = new List<string>();

        foreach (var step in (int[])[0, 5, 5, 5, 5, 219, 1])
        {
            twin.Clock.Advance(TimeSpan.FromSeconds(step));
            using var response = await twin.Status(id);
            var status = await Twin.Json(response);
            seen.Add($"{(int)response.StatusCode} {status["status"]} {status["queue_position"]}".Trim());
            Assert.Equal(id, Twin.Header(response, "x-fal-request-id"));
        }

        Assert.Equal(
            ["202 IN_QUEUE 3", "202 IN_QUEUE 2", "202 IN_QUEUE 1", "202 IN_QUEUE 0", "202 IN_PROGRESS", "202 IN_PROGRESS", "200 COMPLETED"], seen);
    }

    [Theory]
    [InlineData(0, "cancel_url queue_position request_id response_url status status_url")]
    [InlineData(20, "cancel_url logs request_id response_url status status_url")]
    [InlineData(240, "cancel_url logs metrics request_id response_url status status_url")]
    public async Task Has_the_fields_of_its_stage_and_no_others(int second, string fields)
    {
        await using var twin = await Twin.Start();
        var id = await twin.Submit();
        twin.Clock.Advance(TimeSpan.FromSeconds(second));

        var status = await twin.StatusOf(id);

        Assert.Equal(fields, string.Join(' ', status.Select(field => field.Key).Order(StringComparer.Ordinal)));
        Assert.Null(status["logs"]);
    }

    [Theory]
    [InlineData("?logs=1", 3)]
    [InlineData("?logs=true", 3)]
    [InlineData("?logs=0", null)]
    [InlineData("?logs=false", null)]
    [InlineData("", null)]
    public async Task Shows_logs_when_asked(string query, int? lines)
    {
        await using var twin = await Twin.Start();
        var id = await twin.Complete();

        var logs = (await twin.StatusOf(id, query))["logs"] as JsonArray;

        Assert.Equal(lines, logs?.Count);
        Assert.All(logs ?? [], line => Assert.Matches(@"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$", (string)line!["timestamp"]!));
    }

    [Fact]
    public async Task Tells_the_inference_time_in_seconds()
    {
        await using var twin = await Twin.Start();
        var id = await twin.Complete();

        Assert.Equal(220, (double)(await twin.StatusOf(id))["metrics"]!["inference_time"]!);
    }

    [Theory]
    [InlineData("GET", "/status")]
    [InlineData("GET", "")]
    [InlineData("GET", "/status/stream")]
    [InlineData("PUT", "/cancel")]
    public async Task The_full_endpoint_id_in_the_path_is_405(string method, string suffix)
    {
        await using var twin = await Twin.Start();
        var id = await twin.Submit();

        using var request = new HttpRequestMessage(new HttpMethod(method), $"{Twin.Endpoint}/requests/{id}{suffix}");
        using var response = await twin.Http.SendAsync(request, TestContext.Current.CancellationToken);

        Assert.Equal(405, (int)response.StatusCode);
    }

    [Theory]
    [InlineData("GET", "/status")]
    [InlineData("GET", "/status/stream")]
    [InlineData("GET", "")]
    [InlineData("PUT", "/cancel")]
    public async Task An_unknown_request_is_not_found(string method, string suffix)
    {
        await using var twin = await Twin.Start();

        using var request = new HttpRequestMessage(new HttpMethod(method), $"/fal-ai/kling-video/requests/{Guid.CreateVersion7()}{suffix}");
        using var response = await twin.Http.SendAsync(request, TestContext.Current.CancellationToken);

        Assert.Equal(404, (int)response.StatusCode);
        Assert.Equal("""{"status":"NOT_FOUND"}""", await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Any_endpoint_of_the_app_shares_the_url_space()
    {
        await using var twin = await Twin.Start();
        var id = await twin.Submit(path: "/fal-ai/kling-video/o3/pro/image-to-video");

        Assert.Equal("IN_QUEUE", (string?)(await twin.StatusOf(id))["status"]);
    }
}
