using KlingProxy.Http;
using KlingProxy.Http.Docs;
using KlingProxy.Http.Wire;
using KlingProxy.Models.O3;
using KlingProxy.Settings;

using Microsoft.Extensions.Options;

namespace KlingProxy.Models;

/// <summary>Which Kling models exist, what each accepts, what each costs.</summary>
internal static class ModelsModule
{
    public static void AddModels(this IHostApplicationBuilder builder)
    {
        builder.Services.AddSingleton(O3ImageToVideo.Family); // one line a family
        builder.AddSettings<CatalogOptions, CatalogOptionsValidator>();
        builder.Services.AddSingleton<IValidateOptions<CatalogOptions>, KnownModels>();
        builder.Services.AddSingleton<ModelCatalog>();
        builder.Services.AddProblems(ModelProblems.All);
        builder.AddJson(ModelsJson.Default);
    }

    /// <param name="policy">What a caller needs to see the models: prices and rules are for those who may use them.</param>
    public static void MapModels(this IEndpointRouteBuilder routes, string policy)
    {
        var models = ListModels.Handle(routes.ServiceProvider.GetRequiredService<ModelCatalog>());
        routes.MapGet("/v1/models", ListModels.Handle).WithName("ListModels").WithTags("Models").RequireAuthorization(policy)
            .WithSummary("List the models")
            .WithDescription("Every enabled model with its fields, rules, price and image limits: what a form needs. Prices are USD per second of video, as "
                + "decimal strings.")
            .WithMetadata(new ApiResponse(200, "The models.", models.Value));
    }
}
