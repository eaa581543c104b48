using KlingProxy.Problems;
using KlingProxy.Settings;

using Microsoft.Extensions.Options;

namespace KlingProxy.Catalog;

/// <summary>Which Kling models exist, what each accepts, what each costs.</summary>
internal static class CatalogModule
{
    /// <summary>Not 404: the address exists, a field of the body is wrong, and is pointed at like every other.</summary>
    public static readonly Problem UnknownModel = new("unknown-model", 422, "There is no such model here.",
        "GET /v1/models lists the models that this service offers. Leave the model out to use the default one.")
    {
        Typical = new("/model", "unknown-model", "The model must be one of fal-ai/kling-video/o3/4k/image-to-video; without one it is the first of them."),
    };
    public static readonly Problem InvalidInput = new("invalid-input", 422, "The input breaks rules of the model.",
        "Nothing was spent. Each entry of errors points at one broken rule and says what to write instead. GET /v1/models has every rule; POST /v1/quotes checks an input for nothing.")
    {
        Typical = new("/input", "exactly-one", "Send `prompt` or `multi_prompt`, not both."),
    };

    public static void AddCatalog(this IHostApplicationBuilder builder)
    {
        builder.Services.AddSingleton<IValidateOptions<CatalogOptions>, CatalogOptionsValidator>();
        builder.AddSettings<CatalogOptions>();
        builder.Services.AddSingleton<ModelCatalog>();
        builder.Services.AddProblems(UnknownModel, InvalidInput);
        builder.AddJson(CatalogJson.Default);
    }

    /// <param name="policy">What a caller needs to see the models: prices and rules are for those who may use them.</param>
    public static void MapCatalog(this IEndpointRouteBuilder routes, string policy)
    {
        var models = ListModels.Handle(routes.ServiceProvider.GetRequiredService<ModelCatalog>());
        routes.MapGet("/v1/models", ListModels.Handle).WithName("ListModels").WithTags("Models").RequireAuthorization(policy)
            .WithSummary("List the models")
            .WithDescription("Every enabled model with its fields, rules, price and image limits: what a form needs. Prices are USD per second of video, as decimal strings.")
            .WithMetadata(new Answers(200, "The models.", models.Value));
    }
}
