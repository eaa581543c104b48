using KlingProxy.Models;
using KlingProxy.Models.O3;

using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace KlingProxy.Tests.Models;

public sealed class CatalogOptionsTests
{
    private const string FourK = "fal-ai/kling-video/o3/4k/image-to-video";
    private const string Pro = "fal-ai/kling-video/o3/pro/image-to-video";

    public static TheoryData<string, string, string> Faults => new()
    {
        // setting                          value           named in the refusal
        { "Models:0:Enabled",               "false",        "Catalog__Models must hold at least one model with Enabled" },
        { "Models:0:Price",                 "0",            "Catalog__Models__0__Price " },
        { "Models:0:Price",                 "-0.42",        "Catalog__Models__0__Price " },
        { "Models:0:Price",                 "100.01",       "Catalog__Models__0__Price " },
        { "Models:0:Price",                 "0.0000001",    "Catalog__Models__0__Price " },
        { "Models:1:PriceWithAudio",        "0",            "Catalog__Models__1__PriceWithAudio " },
        { "Models:1:PriceWithAudio",        "101",          "Catalog__Models__1__PriceWithAudio " },
        { "Models:2:PricedOn",              "2023-12-31",   "Catalog__Models__2__PricedOn " },
        { "Models:3:Title",                 "Untitled",     "Catalog__Models__3__Id " },
        { "Models:3:Id",                    "fal-ai/flux",  "Catalog__Models__3__Title " },
        { "Models:0:Id",                    "fal-ai/flux",  "Catalog__Models__0__Id " },
        { "Models:0:Id",                    "fal-ai/kling-video/v3/4k/image-to-video", "Catalog__Models__0__Id " },
        { "Models:0:Id",                    "FAL-AI/kling-video/o3/4k/image-to-video", "Catalog__Models__0__Id " },
        { "Models:1:Id",                    FourK,          "2 times" },
    };

    [Fact]
    public void Ships_the_4k_model_alone()
    {
        var catalog = Start().GetRequiredService<ModelCatalog>();

        Assert.Equal(FourK, Assert.Single(catalog.Enabled).Id);
        Assert.Equal(FourK, catalog.Default.Id);
        Assert.Equal((0.42m, 0.42m, new DateOnly(2026, 8, 1)), (catalog.Default.Price, catalog.Default.PriceWithAudio, catalog.Default.PricedOn));
        Assert.True(catalog.Default.Schema.Images.RemoteUrls);
    }

    [Fact]
    public void Ships_the_cheaper_models_disabled()
    {
        var models = Start().GetRequiredService<IOptions<CatalogOptions>>().Value.Models;

        Assert.Equal([(0.42m, 0.42m, true), (0.112m, 0.14m, false), (0.084m, 0.112m, false)], models.Select(model => (model.Price, model.PriceWithAudio, model.Enabled)));
        Assert.Equal(O3ImageToVideo.Ids, models.Select(model => model.Id));
    }

    [Fact]
    public void Finds_only_what_is_enabled()
    {
        var catalog = Start().GetRequiredService<ModelCatalog>();

        Assert.Same(catalog.Default, catalog.Find(FourK));
        Assert.All([Pro, "", null, FourK + "/", FourK.ToUpperInvariant(), "fal-ai/kling-video/v3/4k/image-to-video"], id => Assert.Null(catalog.Find(id)));
        Assert.Equal(("/model", "unknown-model"), (catalog.NoSuchModel().Pointer, catalog.NoSuchModel().Code));
    }

    [Fact]
    public void Is_overridden_one_setting_at_a_time()
    {
        var catalog = Start(("Models:0:Price", "0.5"), ("Models:1:Enabled", "true"), ("OwnUploadsOnly", "true")).GetRequiredService<ModelCatalog>();

        Assert.Equal([(FourK, 0.5m, 0.42m), (Pro, 0.112m, 0.14m)], catalog.Enabled.Select(model => (model.Id, model.Price, model.PriceWithAudio)));
        Assert.All(catalog.Enabled, model => Assert.False(model.Schema.Images.RemoteUrls));
    }

    [Theory, MemberData(nameof(Faults))]
    public void Refuses_a_bad_setting_by_name(string setting, string value, string named)
    {
        var error = Assert.Throws<OptionsValidationException>(() => Start((setting, value)).GetRequiredService<IOptions<CatalogOptions>>().Value);

        Assert.Contains(named, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Models:0:Price", "100")]
    [InlineData("Models:0:Price", "0.000001")]
    [InlineData("Models:1:PriceWithAudio", "100")]
    [InlineData("Models:0:Title", "a", 80)]
    [InlineData("Models:2:PricedOn", "2024-01-01")]
    public void Takes_what_lies_on_a_bound(string setting, string value, int times = 1) =>
        Assert.True(Start((setting, string.Concat(Enumerable.Repeat(value, times)))).GetRequiredService<IOptions<CatalogOptions>>().Value.Models.Count > 0);

    [Fact]
    public void Refuses_a_title_beyond_the_bound()
    {
        var error = Assert.Throws<OptionsValidationException>(() => Start(("Models:0:Title", new string('a', 81))).GetRequiredService<IOptions<CatalogOptions>>().Value);

        Assert.Contains("Catalog__Models__0__Title ", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Models:0:Price", "cheap", "Catalog__Models__0__Price ")]
    [InlineData("Models:0:Price", "0,42", "Catalog__Models__0__Price ")]
    [InlineData("Models:0:PricedOn", "yesterday", "Catalog__Models__0__PricedOn ")]
    public void Refuses_a_setting_that_cannot_be_read(string setting, string value, string named)
    {
        var error = Assert.Throws<OptionsValidationException>(() => Start((setting, value)).GetRequiredService<IOptions<CatalogOptions>>().Value);

        Assert.Contains(named, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Names_all_faults_at_once()
    {
        var error = Assert.Throws<OptionsValidationException>(() =>
            Start(("Models:0:Price", "0"), ("Models:0:Enabled", "false"), ("Models:1:Id", "x"), ("Models:2:PricedOn", "2020-01-01")).GetRequiredService<IOptions<CatalogOptions>>().Value);

        Assert.Equal(4, error.Failures.Count());
    }

    [Fact]
    public void Refuses_a_catalogue_without_models() =>
        Assert.True(new CatalogOptionsValidator().Validate(null, new CatalogOptions()).Failed);

    private static IServiceProvider Start(params (string Setting, string Value)[] overrides)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Configuration.Sources.Clear();
        builder.Configuration
            .AddJsonFile(Path.Combine(AppContext.BaseDirectory, "appsettings.json"))
            .AddInMemoryCollection(overrides.Select(pair => KeyValuePair.Create($"Catalog:{pair.Setting}", (string?)pair.Value)));
        builder.AddModels();
        return builder.Build().Services;
    }
}
