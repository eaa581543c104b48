using System.Text.Json;
using System.Text.Json.Nodes;

using KlingProxy.FalCompat;
using KlingProxy.Models.O3;
using KlingProxy.Tests.Fixtures;
using KlingProxy.Tests.Uploads.Formats;

namespace KlingProxy.Tests.FalCompat;

/// <summary>What is wrong with an input, in the words on which fal's clients branch.</summary>
public sealed class FalErrorTypeTests(ProxyFixture proxy) : IClassFixture<ProxyFixture>
{
    public static TheoryData<string, string, string?> Words => new()
    {
        { "required",           "missing",                  null },
        { "unknown-field",      "extra_forbidden",          null },
        { "not-allowed",        "literal_error",            null },
        { "too-long",           "string_too_long",          null },
        { "blank",              "string_too_short",         """{"min_length":1}""" },
        { "too-few",            "sequence_too_short",       """{"min_length":1}""" },
        { "too-many",           "sequence_too_long",        """{"max_length":6}""" },
        { "too-small",          "image_too_small",          """{"min_height":300,"min_width":300}""" },
        { "image-too-large",    "file_too_large",           $$"""{"max_size":{{O3ImageToVideo.Schema.Images.MaxBytes}}}""" },
        { "unsupported-image",  "unsupported_image_format", """{"supported_formats":[".jpeg",".png",".webp",".gif",".avif"]}""" },
        { "unreadable-image",   "image_load_error",         null },
        { "bad-image-data",     "image_load_error",         null },
        { "exactly-one",        "value_error",              null },
        { "ratio",              "value_error",              null },
        { "one-of-next-year",   "value_error",              null }, // a rule that nobody has thought of yet
        { "face_detection_error", "face_detection_error",   null }, // fal's own
    };

    [Theory]
    [MemberData(nameof(Words))]
    public void Every_rule_has_a_word_of_fals(string rule, string type, string? context)
    {
        var told = CompatErrorType.Of(rule, O3ImageToVideo.Schema);

        Assert.Equal((type, context), (told.Type, told.Context?.ToJsonString()));
    }

    [Fact]
    public async Task Tells_a_broken_input_with_them()
    {
        using var caller = await proxy.NewFalCaller();
        var input = new JsonObject { ["prompt"] = " ", ["duration"] = "16", ["colour"] = "red" };

        var error = await caller.Call($"POST /fal/queue/{FalCalls.Model}", input).RefusedByFal(422, "invalid-input");

        Assert.Contains("body.image_url missing", Types(error));
        Assert.Contains("body.duration literal_error", Types(error));
        Assert.Contains("body.colour extra_forbidden", Types(error));
    }

    [Theory]
    [InlineData("small", "image_too_small")]
    [InlineData("text", "unsupported_image_format")]
    [InlineData("large", "file_too_large")]
    public async Task Tells_an_unfit_inline_image_as_a_field_of_the_input(string image, string type)
    {
        using var caller = await proxy.NewFalCaller();
        var bytes = image switch { "small" => Picture.Png(200, 200), "text" => "<html>not an image</html>"u8.ToArray(), _ => new byte[11 * 1024 * 1024] };
        var input = new JsonObject { ["image_url"] = $"data:image/png;base64,{Convert.ToBase64String(bytes)}", ["prompt"] = "Petals fall." };

        foreach (var call in new[] { $"POST /fal/queue/{FalCalls.Model}", $"POST /fal/run/{FalCalls.Model}" })
        {
            var error = await caller.Call(call, input.DeepClone()).RefusedByFal(422); // fal's client reads field errors of no other status
            Assert.Equal([$"body.image_url {type}"], Types(error));
        }
    }

    [Theory]
    [InlineData("text", 415, "unsupported_image_format", "supported_formats")]
    [InlineData("small", 422, "image_too_small", "min_width")]
    public async Task Tells_an_unfit_upload_with_them(string image, int status, string type, string limit)
    {
        using var caller = await proxy.NewFalCaller();
        using var anyone = proxy.Anyone();
        var place = await caller.Call("POST /api/fal/proxy", new JsonObject(), FalCalls.Target(FalCalls.StorageTarget)).Json();
        using var request = new HttpRequestMessage(HttpMethod.Put, place.Text("upload_url")) { Content = new ByteArrayContent(image == "small" ? Picture.Png(200, 200) : "<html>"u8.ToArray()) };

        var error = await anyone.SendAsync(request, TestContext.Current.CancellationToken).RefusedByFal(status);

        Assert.Equal([$"body {type}"], Types(error));
        Assert.True(error.GetProperty("detail")[0].GetProperty("ctx").TryGetProperty(limit, out _));
    }

    [Fact]
    public async Task Tells_a_refusal_of_fals_at_submit_in_fals_own_words()
    {
        using var caller = await proxy.NewFalCaller();

        var error = await caller.Call($"POST /fal/queue/{FalCalls.Model}", Given.OrderThat("rejects")["input"]).RefusedByFal(422, "model-rejected");

        Assert.Equal(["body.prompt value_error"], Types(error));
    }

    private static string[] Types(JsonElement error) => [.. error.GetProperty("detail").EnumerateArray().Select(field => $"{string.Join('.', field.GetProperty("loc").EnumerateArray())} {field.Text("type")}")];
}
