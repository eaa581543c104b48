using Microsoft.Extensions.Options;

namespace KlingProxy.Models;

/// <summary>Refuses a start with a catalogue that could spend the wrong money; every fault is named by its setting.</summary>
internal sealed class CatalogOptionsValidator(IEnumerable<ModelFamily> families) : IValidateOptions<CatalogOptions>
{
    private static readonly DateOnly Earliest = new(2024, 1, 1);

    private readonly List<string> ids = [.. families.SelectMany(family => family.Ids)];

    public ValidateOptionsResult Validate(string? name, CatalogOptions options)
    {
        var faults = options.Models.SelectMany((model, index) => FaultsOf(model, $"Catalog__Models__{index}")).ToList();
        if (!options.Models.Any(model => model.Enabled))
            faults.Add("Catalog__Models must hold at least one model with Enabled=true, such as Catalog__Models__0__Enabled=true.");

        foreach (var twins in options.Models.Where(model => model.Id != "").GroupBy(model => model.Id, StringComparer.Ordinal).Where(twins => twins.Count() > 1))
            faults.Add($"Catalog__Models names {twins.Key} {twins.Count()} times; each id may stand once.");

        return faults is [] ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(faults);
    }

    private IEnumerable<string> FaultsOf(ModelOptions model, string setting)
    {
        if (!ids.Contains(model.Id))
            yield return $"{setting}__Id must be one of {string.Join(", ", ids)}.";
        if (string.IsNullOrWhiteSpace(model.Title) || model.Title.Length > 80)
            yield return $"{setting}__Title must have 1 to 80 characters.";
        if (!IsPrice(model.Price))
            yield return $"{setting}__Price must be above 0 and at most 100 USD per second, with at most six decimals.";
        if (!IsPrice(model.PriceWithAudio))
            yield return $"{setting}__PriceWithAudio must be above 0 and at most 100 USD per second, with at most six decimals.";
        if (model.PricedOn < Earliest)
            yield return $"{setting}__PricedOn must be the day on which the prices were read, from {Earliest:yyyy-MM-dd} on.";
    }

    // Six decimals: an amount is then whole in millionths of a dollar, whatever stores it.
    private static bool IsPrice(decimal usd) => usd is > 0 and <= 100 && decimal.Round(usd, 6) == usd;
}
