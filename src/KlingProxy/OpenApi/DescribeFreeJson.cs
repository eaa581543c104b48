using System.Text.Json;

using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace KlingProxy.OpenApi;

/// <summary>What is passed on as JSON, without a type of its own, still has a shape that callers know.</summary>
internal sealed class DescribeFreeJson : IOpenApiDocumentTransformer
{
    public Task TransformAsync(OpenApiDocument document, OpenApiDocumentTransformerContext context, CancellationToken cancellationToken)
    {
        var schemas = document.Components!.Schemas!;
        schemas["Job"].Properties!["metadata"] = new OpenApiSchema
        {
            Type = JsonSchemaType.Object | JsonSchemaType.Null,
            Description = "Your own notes, as they were sent.",
            AdditionalProperties = new OpenApiSchema { Type = JsonSchemaType.String },
        };
        schemas["Field"].Properties!["default"] = new OpenApiSchema
        {
            Type = JsonSchemaType.String | JsonSchemaType.Boolean | JsonSchemaType.Null,
            Description = "What is assumed when the field is absent.",
        };
        schemas.Remove(nameof(JsonElement));
        return Task.CompletedTask;
    }
}
