using System.Text.Json;

using KlingProxy.Models;
using KlingProxy.Models.O3;

using Microsoft.Extensions.Options;

namespace KlingProxy.Tests.Models;

public sealed class ModelListTests
{
    private static readonly JsonElement Body = JsonSerializer.SerializeToElement(ListModels.Handle(Two).Value!, ModelsJson.Default.ModelList);

    private static readonly JsonElement First = Body.GetProperty("data")[0];

    private static ModelCatalog Two => new(Options.Create(new CatalogOptions
    {
        Models =
        [
            new() { Id = O3ImageToVideo.Ids[1], Title = "Pro", Enabled = true, Price = 0.112m, PriceWithAudio = 0.14m, PricedOn = new DateOnly(2026, 8, 1) },
            new() { Id = O3ImageToVideo.Ids[2], Title = "Off" },
            new() { Id = O3ImageToVideo.Ids[0], Title = "4K", Enabled = true, Price = 0.42m, PriceWithAudio = 0.42m },
        ],
    }), [O3ImageToVideo.Family]);

    [Fact]
    public void Is_a_complete_list_like_every_other()
    {
        Assert.Equal(["data", "next_cursor"], Body.EnumerateObject().Select(property => property.Name));
        Assert.Equal(JsonValueKind.Null, Body.GetProperty("next_cursor").ValueKind);
    }

    [Fact]
    public void Holds_the_enabled_models_and_marks_the_default_one() => Assert.Equal(
        [(O3ImageToVideo.Ids[1], true), (O3ImageToVideo.Ids[0], false)],
        Body.GetProperty("data").EnumerateArray().Select(model => (model.GetProperty("id").GetString()!, model.GetProperty("default").GetBoolean())));

    [Fact]
    public void Tells_prices_as_decimal_strings_with_their_date() => Assert.Equal(
        """{"currency":"USD","per_second":"0.112","per_second_with_audio":"0.14","priced_on":"2026-08-01"}""", First.GetProperty("price").GetRawText());

    [Fact]
    public void Tells_what_an_image_must_be() => Assert.Equal(
        """{"types":["image/jpeg","image/png","image/webp","image/gif","image/avif"],"max_bytes":10485760,"min_side":300,"min_ratio":0.40,"max_ratio":2.50,"max_url_length":2048,"remote_urls":true}""",
        First.GetProperty("images").GetRawText());

    [Theory]
    [InlineData("image_url", "string", "image", true, "null", null)]
    [InlineData("end_image_url", "string", "image", false, "null", null)]
    [InlineData("prompt", "string", "text", false, "null", null)]
    [InlineData("multi_prompt", "array", "shots", false, "null", null)]
    [InlineData("duration", "string", "seconds", false, "\"5\"", "3 4 5 6 7 8 9 10 11 12 13 14 15")]
    [InlineData("generate_audio", "boolean", "flag", false, "false", null)]
    [InlineData("shot_type", "string", "choice", false, "\"customize\"", "customize intelligent")]
    public void Describes_a_field(string name, string type, string kind, bool required, string standard, string? allowed)
    {
        var field = First.GetProperty("fields").EnumerateArray().Single(field => field.GetProperty("name").GetString() == name);

        Assert.Equal((type, kind, required), (field.GetProperty("type").GetString(), field.GetProperty("kind").GetString(), field.GetProperty("required").GetBoolean()));
        Assert.Equal(standard, field.GetProperty("default").GetRawText());
        var list = field.GetProperty("allowed");
        Assert.Equal(allowed, list.ValueKind == JsonValueKind.Null ? null : string.Join(' ', list.EnumerateArray().Select(value => value.GetString())));
        Assert.NotEmpty(field.GetProperty("description").GetString()!);
    }

    [Fact]
    public void Tells_what_fals_page_says()
    {
        var about = Body.GetProperty("data").EnumerateArray().Select(model => model.GetProperty("about")).ToList();

        Assert.Equal(["", "Native 4K"], about.Select(model => model.GetProperty("resolution").GetString() ?? ""));
        Assert.Equal("https://fal.ai/models/fal-ai/kling-video/o3/4k/image-to-video", about[1].GetProperty("page").GetString());
        Assert.Contains("Commercial use", about[1].GetProperty("license").GetString(), StringComparison.Ordinal);
        Assert.Equal(["zh", "en"], about[1].GetProperty("spoken_languages").EnumerateArray().Select(language => language.GetString()!));
        Assert.Equal(
            ["Scene", "Subject motion", "Camera", "Details", "Audio", "Constraints"],
            about[1].GetProperty("prompt_template").EnumerateArray().Select(part => part.GetProperty("name").GetString()!));
        foreach (var fact in new[] { "translated to English", "lower case", "upper case" })
            Assert.Contains(fact, about[1].GetProperty("speech").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Tells_what_shots_must_be()
    {
        var shots = First.GetProperty("shots");

        Assert.Equal((1, 6, 3, 15), (shots.GetProperty("min_count").GetInt32(), shots.GetProperty("max_count").GetInt32(), shots.GetProperty("min_seconds").GetInt32(), shots.GetProperty("max_seconds").GetInt32()));
        Assert.Equal(["prompt", "duration"], shots.GetProperty("fields").EnumerateArray().Select(field => field.GetProperty("name").GetString()!));
        Assert.Equal(["prompt", "multi_prompt"], First.GetProperty("exactly_one_of").EnumerateArray().Select(name => name.GetString()!));
    }
}
