using Microsoft.AspNetCore.Http.HttpResults;

namespace KlingProxy.Models;

internal static class ListModels
{
    public static Ok<ModelList> Handle(ModelCatalog catalog) =>
        TypedResults.Ok(new ModelList([.. catalog.Enabled.Select(model => ModelView.Of(model, isDefault: model == catalog.Default))], null));
}
