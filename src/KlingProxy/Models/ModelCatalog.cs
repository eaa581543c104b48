using KlingProxy.Http.Bodies;
using KlingProxy.Http.Problems;

using Microsoft.Extensions.Options;

namespace KlingProxy.Models;

/// <summary>The models that may be used. A disabled one is as unknown as one that does not exist.</summary>
internal sealed class ModelCatalog(IOptions<CatalogOptions> options, IEnumerable<ModelFamily> families)
{
    /// <summary>In the order of the settings.</summary>
    public IReadOnlyList<KlingModel> Enabled { get; } =
    [
        .. from model in options.Value.Models
           where model.Enabled
           select Of(model, families.First(family => family.Ids.Contains(model.Id)), options.Value),
    ];

    /// <summary>Of which a model is enabled, in the same order.</summary>
    public IEnumerable<ModelFamily> Families => Enabled.Select(model => model.Family).Distinct();

    /// <summary>What a request without a model gets.</summary>
    public KlingModel Default => Enabled[0];

    public KlingModel? Find(string? id) => Enabled.FirstOrDefault(model => model.Id == id);

    /// <summary>The fields in which an image is sent, of whichever model.</summary>
    public IReadOnlyList<string> ImageFields => [.. Enabled.SelectMany(model => model.Schema.Images.Fields).Distinct()];

    /// <summary>Where a body may hold images itself.</summary>
    /// <param name="path">The names that lead to the input.</param>
    public InlineFields InlineFields(IReadOnlyList<string> path) => new(path, ImageFields, Enabled.Max(model => model.Schema.Images.MaxBytes));

    /// <summary>The broken rule of a request for a model that <see cref="Find"/> does not know.</summary>
    public Violation NoSuchModel(string pointer = "/model") =>
        new(pointer, "unknown-model", $"The model must be one of {string.Join(", ", Enabled.Select(model => model.Id))}; without one it is the first of them.");

    private static KlingModel Of(ModelOptions model, ModelFamily family, CatalogOptions options) =>
        new(model.Id, model.Title, model.Price, model.PriceWithAudio, model.PricedOn, family)
        {
            Schema = family.Schema with { Images = family.Schema.Images with { RemoteUrls = !options.OwnUploadsOnly } },
        };
}
