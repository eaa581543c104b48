using KlingProxy.Settings;

using Microsoft.Extensions.Options;

namespace KlingProxy.Models;

/// <summary>Refuses a model of no family: nobody here would know its fields. The one rule of the catalogue that its settings alone cannot tell.</summary>
internal sealed class KnownModels(IEnumerable<ModelFamily> families) : IValidateOptions<CatalogOptions>
{
    private readonly List<string> ids = [.. families.SelectMany(family => family.Ids)];

    public ValidateOptionsResult Validate(string? name, CatalogOptions options)
    {
        var unknown = options.Models.Index().Where(model => !ids.Contains(model.Item.Id))
            .Select(model => $"{SettingName.Of<CatalogOptions>($"{nameof(options.Models)}:{model.Index}:{nameof(ModelOptions.Id)}")} must be one of "
                + $"{string.Join(", ", ids)}.").ToList();
        return unknown is [] ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(unknown);
    }
}
