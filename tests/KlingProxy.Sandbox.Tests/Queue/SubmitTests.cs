using System.Text;
using System.Text.Json.Nodes;

namespace KlingProxy.Sandbox.Tests.Queue;

public sealed class SubmitTests
{
    [Fact]
    public async Task Answers_with_app_only_urls_on_its_own_address()
    {
        await using var twin = await Twin.Start();

        using var response = await twin.Post(Given.Input());

        var reply = await Twin.Json(response);
        var id = (string)reply["request_id"]!;
        var url = $"{twin.Fal.Url.GetLeftPart(UriPartial.Authority)}/fal-ai/kling-video/requests/{id}";
        Assert.Equal(200, (int)response.StatusCode);
        Assert.Equal(id, Twin.Header(response, "x-fal-request-id"));
        Assert.Equal(7, Guid.Parse(id).Version);
        Assert.True(JsonNode.DeepEquals(reply, new JsonObject
        {
            ["status"] = "IN_QUEUE",
            ["request_id"] = id,
            ["queue_position"] = 3,
            ["logs"] = null,
            ["metrics"] = new JsonObject(),
            ["response_url"] = url,
            ["status_url"] = $"{url}/status",
            ["cancel_url"] = $"{url}/cancel",
        }), reply.ToJsonString());
    }

    [Theory]
    [InlineData("/fal-ai/kling-video/o3/4k/image-to-video", 200)]
    [InlineData("/fal-ai/kling-video/o3/pro/image-to-video", 200)]
    [InlineData("/fal-ai/kling-video/o3/standard/image-to-video", 200)]
    [InlineData("/fal-ai/kling-video/o3/8k/image-to-video", 404)]
    [InlineData("/fal-ai/kling-video/o3/4k/text-to-video", 404)]
    [InlineData("/fal-ai/flux/dev", 404)]
    [InlineData("/", 404)]
    public async Task Knows_three_endpoints(string path, int status)
    {
        await using var twin = await Twin.Start();

        using var response = await twin.Post(Given.Input(), path: path);

        Assert.Equal(status, (int)response.StatusCode);
    }

    // what is wrong, changed input, loc, type
    public static TheoryData<string, string, string> Wrong => new()
    {
        { """{"prompt":"A gate."}""", "body.image_url", "value_error.missing" },
        { """{"prompt":"A gate.","image_url":null}""", "body.image_url", "type_error.none.not_allowed" },
        { """{"prompt":"A gate.","image_url":{}}""", "body.image_url", "type_error.str" },
        { """{"input":{"prompt":"A gate.","image_url":"https://example.com/a.png"}}""", "body.image_url", "value_error.missing" },
        { """{"image_url":"https://example.com/a.png"}""", "body.root", "value_error" },
        { """{"image_url":"https://example.com/a.png","prompt":""}""", "body.root", "value_error" },
        { """{"image_url":"https://example.com/a.png","prompt":"A","multi_prompt":[{"prompt":"B"}]}""", "body.root", "value_error" },
        { """{"image_url":"https://example.com/a.png","prompt":"A","duration":5}""", "body.duration", "value_error.const" },
        { """{"image_url":"https://example.com/a.png","prompt":"A","duration":"5s"}""", "body.duration", "value_error.const" },
        { """{"image_url":"https://example.com/a.png","prompt":"A","duration":"2"}""", "body.duration", "value_error.const" },
        { """{"image_url":"https://example.com/a.png","prompt":"A","duration":"16"}""", "body.duration", "value_error.const" },
        { """{"image_url":"https://example.com/a.png","prompt":"A","shot_type":"random"}""", "body.shot_type", "value_error.const" },
        { """{"image_url":"https://example.com/a.png","prompt":"A","generate_audio":"loud"}""", "body.generate_audio", "type_error.bool" },
        { """{"image_url":"https://example.com/a.png","multi_prompt":"A"}""", "body.multi_prompt", "type_error.list" },
        { """{"image_url":"https://example.com/a.png","multi_prompt":["A"]}""", "body.multi_prompt.0", "type_error.dict" },
        { """{"image_url":"https://example.com/a.png","multi_prompt":[{"prompt":"A"},{"duration":"3"}]}""", "body.multi_prompt.1.prompt", "value_error.missing" },
        { """{"image_url":"https://example.com/a.png","multi_prompt":[{"prompt":"A","duration":"0"}]}""", "body.multi_prompt.0.duration", "value_error.const" },
        { """[]""", "body", "type_error.dict" },
        { """{"image_url":""", "body.13", "value_error.jsondecode" },
    };

    [Theory, MemberData(nameof(Wrong))]
    public async Task Names_what_is_wrong_as_fals_framework_does(string body, string loc, string type)
    {
        await using var twin = await Twin.Start(options => options with { ValidatesAtSubmit = true });

        using var response = await twin.Http.PostAsync(
            Twin.Endpoint, new StringContent(body, Encoding.UTF8, "application/json"), TestContext.Current.CancellationToken);

        var detail = (await Twin.Json(response))["detail"]!.AsArray();
        Assert.Equal(422, (int)response.StatusCode);
        Assert.Equal("0", Twin.Header(response, "x-fal-billable-units"));
        Assert.Contains(detail, error => $"{string.Join('.', error!["loc"]!.AsArray())} {error["type"]}" == $"{loc} {type}");
        Assert.Empty(twin.Fal.Jobs);
    }

    [Fact]
    public async Task Refuses_an_overlong_prompt()
    {
        await using var twin = await Twin.Start(options => options with { ValidatesAtSubmit = true });

        using var allowed = await twin.Post(Given.Input(input => input["prompt"] = new string('a', 2500)));
        using var refused = await twin.Post(Given.Input(input => input["prompt"] = new string('a', 2501)));

        Assert.Equal((200, 422), ((int)allowed.StatusCode, (int)refused.StatusCode));
    }

    [Theory]
    [InlineData("""{"image_url":"https://example.com/a.png","prompt":"A","negative_prompt":"B","durration":"9"}""")]
    [InlineData("""{"image_url":"https://example.com/a.png","prompt":"A","multi_prompt":null,"duration":null,"end_image_url":null}""")]
    [InlineData("""{"image_url":"https://example.com/a.png","prompt":"A","generate_audio":"yes"}""")]
    [InlineData("""{"image_url":"https://example.com/a.png","multi_prompt":[{"prompt":"A"}],"shot_type":"intelligent"}""")]
    public async Task Lets_pass_what_fal_lets_pass(string body)
    {
        await using var twin = await Twin.Start(options => options with { ValidatesAtSubmit = true });

        await twin.Submit(JsonNode.Parse(body));
    }

    [Fact]
    public async Task By_default_a_wrong_input_is_accepted_and_the_result_refuses_it()
    {
        await using var twin = await Twin.Start();
        var id = await twin.Submit(Given.Input(input => input.Remove("image_url")));
        twin.Clock.Advance(TimeSpan.FromSeconds(20));

        var status = await twin.StatusOf(id);
        using var result = await twin.Result(id);

        Assert.Equal("COMPLETED", (string?)status["status"]);
        Assert.False(status.ContainsKey("error"));
        Assert.Equal(422, (int)result.StatusCode);
        Assert.Equal("0", Twin.Header(result, "x-fal-billable-units"));
        Assert.Equal("field required", (string?)(await Twin.Json(result))["detail"]![0]!["msg"]);
    }

    [Fact]
    public async Task Refuses_to_lengthen_a_queue_that_is_longer_than_asked()
    {
        await using var twin = await Twin.Start();
        await twin.Submit();
        await twin.Submit();

        using var fits = await twin.Post(Given.Input(), "?fal_max_queue_length=2");
        using var tooLong = await twin.Post(Given.Input(), "?fal_max_queue_length=2");

        Assert.Equal((200, 429), ((int)fits.StatusCode, (int)tooLong.StatusCode));
        Assert.Null(Twin.Header(tooLong, "x-fal-request-id"));
        Assert.Equal(3, twin.Fal.Jobs.Count);
    }

    // old name, new name, ends as
    public static TheoryData<string?, string?, string?> Deadlines => new()
    {
        { "10",  null,  "request_timeout" },
        { null,  "10",  "request_timeout" },
        { "10",  "100", null },
        { "100", "10",  "request_timeout" },
        { "1",   null,  null },
        { "no",  null,  null },
        { null,  "0.5", "request_timeout" },
    };

    [Theory, MemberData(nameof(Deadlines))]
    public async Task Times_out_a_job_that_did_not_start_in_time(string? timeout, string? startTimeout, string? errorType)
    {
        await using var twin = await Twin.Start();
        using var submitted = await twin.Post(Given.Input(), headers: headers =>
        {
            if (timeout is not null) headers.Add("X-Fal-Request-Timeout", timeout);
            if (startTimeout is not null) headers.Add("X-Fal-Request-Start-Timeout", startTimeout);
        });
        var id = (string)(await Twin.Json(submitted))["request_id"]!;
        twin.Clock.Advance(TimeSpan.FromSeconds(240));

        var status = await twin.StatusOf(id);
        using var result = await twin.Result(id);

        Assert.Equal("COMPLETED", (string?)status["status"]);
        Assert.Equal(errorType, (string?)status["error_type"]);
        Assert.Equal(errorType is null ? null : "Request timed out", (string?)status["error"]);
        Assert.Equal(errorType is null ? 200 : 504, (int)result.StatusCode);
        Assert.Equal(errorType is null ? null : "user", Twin.Header(result, "X-Fal-Request-Timeout-Type"));
        Assert.Equal(errorType, (string?)(await Twin.Json(result))["error_type"]);
        Assert.Equal(errorType is null ? 5 : 0, twin.Fal.Billed.Seconds);
    }

    [Fact]
    public async Task Two_identical_submissions_are_two_jobs()
    {
        await using var twin = await Twin.Start();

        Assert.NotEqual(await twin.Submit(), await twin.Submit());
        Assert.Equal(2, twin.Fal.Jobs.Count);
    }
}
