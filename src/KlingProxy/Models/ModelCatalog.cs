using KlingProxy.Http.Bodies;
using KlingProxy.Http.Problems;
using KlingProxy.Models.Input;
using KlingProxy.Models.O3;

using Microsoft.Extensions.Options;

namespace KlingProxy.Models;

/// <summary>The models that may be used. A disabled one is as unknown as one that does not exist.</summary>
internal sealed class ModelCatalog(IOptions<CatalogOptions> options)
{
    /// <summary>In the order of the settings.</summary>
    public IReadOnlyList<KlingModel> Enabled { get; } = [.. options.Value.Models.Where(model => model.Enabled).Select(model => Of(model, options.Value))];

    /// <summary>What a request without a model gets.</summary>
    public KlingModel Default => Enabled[0];

    public KlingModel? Find(string? id) => Enabled.FirstOrDefault(model => model.Id == id);

    /// <summary>Where a body may hold images itself.</summary>
    /// <param name="path">The names that lead to the input.</param>
    public InlineFields InlineFields(IReadOnlyList<string> path) => new(
        path,
        [.. Enabled.SelectMany(model => model.Schema.Fields).Where(field => field.Kind == FieldKind.Image).Select(field => field.Name).Distinct()],
        Enabled.Max(model => model.Schema.Images.MaxBytes));

    /// <summary>The broken rule of a request for a model that <see cref="Find"/> does not know.</summary>
    public Violation NoSuchModel(string pointer = "/model") =>
        new(pointer, "unknown-model", $"The model must be one of {string.Join(", ", Enabled.Select(model => model.Id))}; without one it is the first of them.");

    private static KlingModel Of(ModelOptions model, CatalogOptions options) =>
        new(model.Id, model.Title, model.Price, model.PriceWithAudio, model.PricedOn, O3ImageToVideo.Schema with
        {
            Images = O3ImageToVideo.Schema.Images with { RemoteUrls = !options.OwnUploadsOnly },
        });
}
