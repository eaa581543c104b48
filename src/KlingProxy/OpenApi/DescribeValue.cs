using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace KlingProxy.OpenApi;

/// <summary>What the serializer knows of a value and its schema does not: times, words of enums, absent instead of null.</summary>
internal sealed class DescribeValue : IOpenApiSchemaTransformer
{
    public Task TransformAsync(OpenApiSchema schema, OpenApiSchemaTransformerContext context, CancellationToken cancellationToken)
    {
        var (type, property) = (context.JsonTypeInfo.Type, context.JsonPropertyInfo);

        if (type == typeof(DateTimeOffset))
            (schema.Type, schema.Format) = (JsonSchemaType.String, "date-time");
        else if (type == typeof(DateTimeOffset?))
            (schema.Type, schema.Format) = (JsonSchemaType.String | JsonSchemaType.Null, "date-time");
        else if (schema.Enum is { Count: > 0 })
            schema.Type ??= JsonSchemaType.String;

        foreach (var sometimes in context.JsonTypeInfo.Properties.Where(part => part.ShouldSerialize is not null))
            schema.Required?.Remove(sometimes.Name);
        if (property?.ShouldSerialize is not null)
            schema.Type &= ~JsonSchemaType.Null; // to leave it out is the way to say nothing
        return Task.CompletedTask;
    }
}
