using KlingProxy.Settings;

namespace KlingProxy.Models;

/// <summary>Which models callers may spend money on, and what each costs. Nothing here means "all models".</summary>
internal sealed class CatalogOptions : ISettings
{
    public static string Section => "Catalog";

    /// <summary>At least one of them enabled; the first enabled one is used when a caller names none.</summary>
    public List<ModelOptions> Models { get; set; } = [];

    /// <summary>Refuse images on other hosts, so that every image has been seen here before fal reads it.</summary>
    public bool OwnUploadsOnly { get; set; }

    public void Read(SettingsSection settings)
    {
        Models = [.. settings.Items(nameof(Models)).Select(ModelOptions.Of)];
        OwnUploadsOnly = settings.Flag(nameof(OwnUploadsOnly), OwnUploadsOnly);
    }
}

internal sealed class ModelOptions
{
    /// <summary>fal's endpoint id, of a family that is known here.</summary>
    public string Id { get; set; } = "";

    /// <summary>For people; 1–80 characters.</summary>
    public string Title { get; set; } = "";

    public bool Enabled { get; set; }

    /// <summary>USD per second of silent video; above 0, at most 100, at most six decimals.</summary>
    public decimal Price { get; set; }

    /// <summary>USD per second of video with sound; bounds as for <see cref="Price"/>.</summary>
    public decimal PriceWithAudio { get; set; }

    /// <summary>The day on which the prices were fal's, from 2024-01-01 on.</summary>
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
