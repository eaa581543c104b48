using System.ComponentModel.DataAnnotations;

using KlingProxy.Settings;
using KlingProxy.Settings.Rules;

using Microsoft.Extensions.Options;

namespace KlingProxy.Models;

/// <summary>Which models callers may spend money on, and what each costs. Nothing here means "all models".</summary>
internal sealed class CatalogOptions : ISettings, IValidatableObject
{
    public static string Section => "Catalog";

    /// <summary>At least one of them enabled; the first enabled one is used when a caller names none.</summary>
    [ValidateEnumeratedItems]
    public List<ModelOptions> Models { get; set; } = [];

    /// <summary>Refuse images on other hosts, so that every image has been seen here before fal reads it.</summary>
    public bool OwnUploadsOnly { get; set; }

    public void Read(SettingsSection settings)
    {
        Models = [.. settings.Items(nameof(Models)).Select(ModelOptions.Of)];
        OwnUploadsOnly = settings.Flag(nameof(OwnUploadsOnly), OwnUploadsOnly);
    }

    /// <summary>What no single setting is to blame for.</summary>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (!Models.Any(model => model.Enabled))
        {
            yield return SettingName.FaultOf<CatalogOptions>(
                nameof(Models), "must hold at least one model with Enabled=true, such as Catalog__Models__0__Enabled=true.");
        }
        foreach (var twins in Models.Where(model => model.Id != "").GroupBy(model => model.Id, StringComparer.Ordinal).Where(twins => twins.Count() > 1))
            yield return SettingName.FaultOf<CatalogOptions>(nameof(Models), $"names {twins.Key} {twins.Count()} times; each id may stand once.");
    }
}

internal sealed class ModelOptions
{
    /// <summary>fal's endpoint id, of a family that is known here; <see cref="KnownModels"/> asks.</summary>
    public string Id { get; set; } = "";

    /// <summary>For people.</summary>
    [Characters(1, 80)]
    public string Title { get; set; } = "";

    public bool Enabled { get; set; }

    /// <summary>USD per second of silent video.</summary>
    [Price]
    public decimal Price { get; set; }

    /// <summary>USD per second of video with sound.</summary>
    [Price]
    public decimal PriceWithAudio { get; set; }

    /// <summary>The day on which the prices were fal's.</summary>
    [FromDay("2024-01-01")]
    public DateOnly PricedOn { get; set; }

    public static ModelOptions Of(SettingsSection settings) => new()
    {
        Id = settings.Text(nameof(Id), ""),
        Title = settings.Text(nameof(Title), ""),
        Enabled = settings.Flag(nameof(Enabled), false),
        Price = settings.Amount(nameof(Price), 0),
        PriceWithAudio = settings.Amount(nameof(PriceWithAudio), 0),
        PricedOn = settings.Day(nameof(PricedOn), default),
    };
}

[OptionsValidator]
internal sealed partial class CatalogOptionsValidator : IValidateOptions<CatalogOptions>;
