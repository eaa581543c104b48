using System.Text.Json.Nodes;

using KlingProxy.Models.Input;
using KlingProxy.Models.O3;
using KlingProxy.Orders;

using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace KlingProxy.OpenApi;

/// <summary>
/// The fields of a model's input get the catalogue's rules, so that what is described is what is checked; but no default, which makes generated clients
/// send, or ask for, what their caller left out. The descriptions say what is assumed.
/// </summary>
internal sealed class DescribeInput : IOpenApiSchemaTransformer
{
    private static readonly InputSchema Input = O3ImageToVideo.Schema;

    public Task TransformAsync(OpenApiSchema schema, OpenApiSchemaTransformerContext context, CancellationToken cancellationToken)
    {
        if (context.JsonPropertyInfo is { } property && Fields(property.DeclaringType)?.FirstOrDefault(field => field.Name == property.Name) is { } field)
            Describe(schema, field);
        return Task.CompletedTask;
    }

    private static IReadOnlyList<InputField>? Fields(Type owner) =>
        owner == typeof(VideoInput) ? Input.Fields
        : owner == typeof(VideoShot) ? Input.ShotFields
        : null;

    private static void Describe(OpenApiSchema schema, InputField field)
    {
        schema.MaxLength = field.MaxLength;
        if (field.Allowed is not [])
            schema.Enum = [.. field.Allowed.Select(value => JsonValue.Create(value))];
        if (field.Kind == FieldKind.Shots)
            schema.MaxItems = Input.Shots.MaxCount; // an empty list is no mistake, it says nothing
    }
}
