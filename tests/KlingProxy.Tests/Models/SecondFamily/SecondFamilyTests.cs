using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Nodes;

using KlingProxy.Ids;
using KlingProxy.Jobs;
using KlingProxy.Jobs.Canceling;
using KlingProxy.Jobs.Following;
using KlingProxy.Tests.FalCompat;
using KlingProxy.Tests.Fixtures;
using KlingProxy.Tests.Uploads.Formats;

using Microsoft.Extensions.DependencyInjection;

using static KlingProxy.Tests.Models.SecondFamily.SecondFamilyFixture;

namespace KlingProxy.Tests.Models.SecondFamily;

/// <summary>A family that is nothing but a folder and a line is listed, priced, filmed and paid as O3 is, at every door.</summary>
public sealed class SecondFamilyTests(SecondFamilyFixture proxy) : IClassFixture<SecondFamilyFixture>
{
    private const string Target = $"https://queue.fal.run/{Kling4.Id}";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public static TheoryData<string, string, string, string> Mistakes => new()
    {
        // what is wrong                                 where                          rule             what the detail says
        { "'image_url':'https://example.com/a.png'",     "/input/image_url",            "unknown-field", "Here the first frame is `start_image_url`." },
        { "'first_frame':'https://example.com/a.png'",   "/input/first_frame",          "unknown-field", "Here the first frame is `start_image_url`." },
        { "'startImageUrl':'https://example.com/a.png'", "/input/startImageUrl",        "unknown-field", "snake_case: `start_image_url`" },
        { "'end_image_url':'https://example.com/a.png'", "/input/end_image_url",        "unknown-field", "takes no last frame" },
        { "'generate_audio':false",                      "/input/generate_audio",       "unknown-field", "Every video of this model has sound." },
        { "'multi_prompt':[]",                           "/input/multi_prompt",         "unknown-field", "films one shot" },
        { "'quality':'high'",                            "/input/quality",              "unknown-field", "an endpoint for each quality" },
        { "'zzz':1",                                     "/input/zzz",                  "unknown-field", "Its fields are `start_image_url`, `prompt`," },
        { "'start_image_url':null",                      "/input/start_image_url",      "required",      "The first frame." },
        { "'start_image_url':'http://example.com/a'",    "/input/start_image_url",      "bad-url",       "https" },
        { "'prompt':''",                                 "/input/prompt",               "required",      "`prompt` is required. What happens." },
        { "'prompt':['A.','B.']",                        "/input/prompt",               "wrong-type",    "`prompt` must be a string." },
        { "'duration':'31'",                             "/input/duration",             "not-allowed",   "from \"3\" to \"30\"" },
        { "'duration':'2'",                              "/input/duration",             "not-allowed",   "from \"3\" to \"30\"" },
    };

    [Fact]
    public async Task Is_listed_with_its_own_fields_and_limits()
    {
        using var caller = await proxy.NewCaller();

        var models = (await caller.Call("GET /v1/models").Json()).GetProperty("data").EnumerateArray().ToList();

        Assert.Equal(
            [(FalCalls.Model, true), (Kling4.Id, false)],
            models.Select(model => (model.Text("id"), model.GetProperty("default").GetBoolean())));
        Assert.Equal(["start_image_url", "prompt", "duration"], models[1].GetProperty("fields").EnumerateArray().Select(field => field.Text("name")));
        Assert.Equal("30", models[1].GetProperty("fields")[2].GetProperty("allowed").EnumerateArray().Last().GetString());
        Assert.Equal((1_000_000, 0, 0), (
            models[1].GetProperty("images").GetProperty("max_bytes").GetInt32(),
            models[1].GetProperty("exactly_one_of").GetArrayLength(), models[1].GetProperty("shots").GetProperty("max_count").GetInt32()));
        Assert.Equal("1080p", models[1].GetProperty("about").Text("resolution"));
        Assert.Equal(["image_url", "end_image_url"], models[0].GetProperty("fields").EnumerateArray().Select(field => field.Text("name")).Take(2));
    }

    [Theory]
    [InlineData("3", 3, "0.705")]
    [InlineData(null, 5, "1.175")]
    [InlineData("30", 30, "7.05")]
    public async Task Is_priced_by_its_own_length_and_always_with_sound(string? duration, int seconds, string usd)
    {
        using var caller = await proxy.NewCaller();

        var quote = await caller.Call("POST /v1/quotes", Order(duration: duration)).Json();

        Assert.Empty(quote.GetProperty("errors").EnumerateArray());
        Assert.Equal(
            (Kling4.Id, seconds, "0.235", usd),
            (quote.Text("model"), quote.GetProperty("seconds").GetInt32(), quote.Text("unit_price"), quote.Text("amount")));
    }

    [Theory]
    [MemberData(nameof(Mistakes))]
    public async Task Is_refused_in_its_own_words(string wrong, string place, string rule, string detail)
    {
        using var caller = await proxy.NewCaller();
        var order = Order();
        foreach (var (name, value) in JsonNode.Parse($"{{{wrong.Replace('\'', '"')}}}")!.AsObject())
            order["input"]![name] = value?.DeepClone();

        var error = Assert.Single((await caller.Call("POST /v1/quotes", order).Json()).GetProperty("errors").EnumerateArray());

        Assert.Equal((place, rule), (error.Text("pointer"), error.Text("code")));
        Assert.Contains(detail, error.Text("detail"), StringComparison.Ordinal);
        Assert.Equal([place], (await caller.Call("POST /v1/jobs", order).Refused(422, "invalid-input")).Pointers());
    }

    [Fact]
    public async Task Leaves_the_other_family_as_it_is()
    {
        using var caller = await proxy.NewCaller();
        var order = Given.Order();
        order["input"]!["duration"] = "16";
        order["input"]!["start_image_url"] = Given.ImageUrl;

        var quote = await caller.Call("POST /v1/quotes", order).Json();

        Assert.Equal(["/input/duration", "/input/start_image_url"], quote.Pointers());
        Assert.Contains("from \"3\" to \"15\"", quote.GetProperty("errors")[0].Text("detail"), StringComparison.Ordinal);
        Assert.Contains("Here the first frame is `image_url`.", quote.GetProperty("errors")[1].Text("detail"), StringComparison.Ordinal);
        Assert.Equal("0.42", quote.Text("unit_price"));
    }

    [Fact]
    public async Task Knows_its_fields_outside_of_the_input()
    {
        using var caller = await proxy.NewCaller();
        var order = Order();
        order["start_image_url"] = Given.ImageUrl;

        var problem = await caller.Call("POST /v1/jobs", order).Refused(422, "invalid-input");

        Assert.Contains("a field of the model", Assert.Single(problem.GetProperty("errors").EnumerateArray()).Text("detail"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Makes_a_video_of_thirty_seconds_and_bills_it_with_sound()
    {
        using var caller = await proxy.NewCaller();
        var order = Order(duration: "30");

        var job = await proxy.End(caller, (await caller.Create(order)).Text("id"));

        Assert.Equal(("completed", Kling4.Id, "7.05"), (job.Text("status"), job.Text("model"), job.Text("cost")));
        var sent = proxy.AtFal(order);
        Assert.Equal((Kling4.Id, 7.05m), (sent.EndpointId, sent.Billed.Amount));
        Assert.Equal(order["input"]!.ToJsonString(), JsonNode.Parse(sent.Input)!.ToJsonString());
        Assert.Equal(200, await caller.Call($"GET /v1/jobs/{job.Text("id")}/video").Status());
    }

    [Fact]
    public async Task Takes_an_image_inside_the_body()
    {
        using var caller = await proxy.NewCaller();
        var order = Order(DataUri(Picture.Png(800, 600)));

        var job = await caller.Create(order);

        var url = job.GetProperty("input").Text("start_image_url");
        Assert.StartsWith(proxy.Fal.Url.AbsoluteUri, url, StringComparison.Ordinal);
        Assert.Equal(url, JsonElement.Parse(proxy.AtFal(order).Input).Text("start_image_url"));
        Assert.Equal("completed", (await proxy.End(caller, job.Text("id"))).Text("status"));
    }

    [Fact]
    public async Task Takes_an_upload_of_the_callers_own()
    {
        using var caller = await proxy.NewCaller();
        using var image = new ByteArrayContent(Picture.Png(800, 600)) { Headers = { ContentType = new MediaTypeHeaderValue("image/png") } };
        var upload = (await caller.PostAsync("/v1/uploads", image, Cancel).Json()).Text("url");
        var order = Order(upload);

        var job = await caller.Create(order);

        Assert.Equal(upload, JsonElement.Parse(proxy.AtFal(order).Input).Text("start_image_url"));
        Assert.Equal("completed", (await proxy.End(caller, job.Text("id"))).Text("status"));
    }

    [Theory]
    [InlineData(400, 300, 0, 422, "unsuitable-image", "at least 500 pixels")]
    [InlineData(1200, 500, 0, 422, "unsuitable-image", "between 0.50 and 2.00")]
    [InlineData(800, 600, 1_000_001, 422, "invalid-input", "at most 1000000 bytes")]
    public async Task Judges_an_image_by_its_own_limits(uint width, uint height, int bytes, int status, string code, string detail)
    {
        using var caller = await proxy.NewCaller();
        var image = DataUri(bytes == 0 ? Picture.Png(width, height) : Picture.Png(width, height, bytes));
        var other = Given.Order();
        other["input"]!["image_url"] = image;

        var problem = await caller.Call("POST /v1/jobs", Order(image)).Refused(status, code);

        Assert.Equal(["/input/start_image_url"], problem.Pointers());
        Assert.Contains(detail, problem.GetProperty("errors")[0].Text("detail"), StringComparison.Ordinal);
        Assert.Equal(202, await caller.Call("POST /v1/jobs", other).Status());
    }

    [Fact]
    public async Task Is_made_through_fals_own_door()
    {
        using var caller = await proxy.NewFalCaller();
        var order = Order(DataUri(Picture.Png(800, 600)), "30");

        var submitted = await caller.Call("POST /api/fal/proxy", order["input"], FalCalls.Target(Target)).Json();
        await proxy.End(caller, submitted.Text("request_id"));
        using var result = await caller.Follow("GET", submitted.Text("response_url"));

        Assert.Contains($"/{Kling4.App}/requests/", submitted.Text("status_url"), StringComparison.Ordinal);
        Assert.Equal("COMPLETED", (await caller.Follow("GET", submitted.Text("status_url")).Json()).Text("status"));
        Assert.Equal("video/mp4", (await result.Json()).GetProperty("video").Text("content_type"));
        Assert.Equal("30", Assert.Single(result.Headers.GetValues("x-fal-billable-units")));
        Assert.Equal(Kling4.Id, proxy.AtFal(order).EndpointId);
    }

    [Fact]
    public async Task Is_refused_at_fals_door_in_its_own_words_and_limits()
    {
        using var caller = await proxy.NewFalCaller();

        var (without, tiny) = (new JsonObject { ["prompt"] = "The gate opens." }, Order(DataUri(Picture.Png(400, 400)))["input"]);

        var missing = await caller.Call("POST /api/fal/proxy", without, FalCalls.Target(Target)).RefusedByFal(422, "invalid-input");
        var small = await caller.Call("POST /api/fal/proxy", tiny, FalCalls.Target(Target)).RefusedByFal(422, "unsuitable-image");

        Assert.Equal("""["body","start_image_url"]""", missing.GetProperty("detail")[0].GetProperty("loc").GetRawText());
        Assert.Equal("""["body","start_image_url"]""", small.GetProperty("detail")[0].GetProperty("loc").GetRawText());
        Assert.Equal("""{"min_height":500,"min_width":500}""", small.GetProperty("detail")[0].GetProperty("ctx").GetRawText());
    }

    [Fact]
    public async Task Is_asked_for_at_its_own_address_where_no_job_says_what_it_was()
    {
        using var caller = await proxy.NewCaller();
        using var boss = proxy.Operator();
        var order = Order(duration: "30");
        await proxy.End(caller, (await caller.Create(order)).Text("id"));
        var request = proxy.AtFal(order).RequestId;
        var unknown = JobId.New();

        Assert.True(await proxy.Services.GetRequiredService<NoteDelivery>().Note(unknown, new FalRequestId(request), AttentionReason.UnknownJob, null, Cancel));

        var rows = (await boss.Call("GET /v1/attention").Json()).GetProperty("data").EnumerateArray();
        Assert.Equal("30", Assert.Single(rows, row => row.Text("id") == unknown).Text("billed_units"));
    }

    [Fact]
    public async Task Is_described_beside_the_other_family()
    {
        using var anyone = proxy.Anyone();

        var document = JsonNode.Parse(await anyone.GetStringAsync("/openapi/v1.json", Cancel))!;

        var schemas = document["components"]!["schemas"]!;
        Assert.Equal(
            ["#/components/schemas/VideoInput", "#/components/schemas/Kling4Input"],
            schemas["VideoOrder"]!["properties"]!["input"]!["anyOf"]!.AsArray().Select(way => (string)way!["$ref"]!));
        Assert.Equal(["start_image_url", "prompt", "duration"], schemas["Kling4Input"]!["properties"]!.AsObject().Select(property => property.Key));
        Assert.Contains("start_image_url", (string)schemas["Upload"]!["properties"]!["url"]!["description"]!, StringComparison.Ordinal);
        var body = document["paths"]!["/v1/jobs"]!["post"]!["requestBody"]!["content"]!["application/json"]!;
        Assert.Contains("kling-4", body["examples"]!.AsObject().Select(example => example.Key));
    }

    private static string DataUri(byte[] png) => $"data:image/png;base64,{Convert.ToBase64String(png)}";
}
