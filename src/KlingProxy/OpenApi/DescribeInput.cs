using System.Text.Json.Nodes;

using KlingProxy.Models;
using KlingProxy.Models.Input;

using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace KlingProxy.OpenApi;

/// <summary>
/// The inputs of the families, written from their schemas, so that what is described is what is checked; but no default, which makes generated clients
/// send, or ask for, what their caller left out. The descriptions say what is assumed.
/// </summary>
internal sealed class DescribeInput(ModelCatalog catalog) : IOpenApiDocumentTransformer
{
    private static readonly string[] HaveInput = ["VideoOrder", "Job", "OperatorJob"];

    public Task TransformAsync(OpenApiDocument document, OpenApiDocumentTransformerContext context, CancellationToken cancellationToken)
    {
        var schemas = document.Components!.Schemas!;
        foreach (var (docs, schema) in catalog.Families.Select(family => (family.Docs, family.Schema)))
        {
            schemas[docs.Name] = Object(docs, schema.Fields, schema, document);
            if (docs.Shot is { } shot)
                schemas[shot.Name] = Object(shot, schema.ShotFields, schema, document);
        }

        foreach (var properties in HaveInput.Select(name => schemas[name].Properties!))
            properties["input"] = AnyOf([.. catalog.Families.Select(family => family.Docs.Name)], properties["input"].Description, document);
        if (schemas.TryGetValue("Upload", out var upload))
            upload.Properties!["url"].Description =
                $"Goes into {string.Join(" or ", catalog.ImageFields.Select(name => $"`{name}`"))}. Unguessable, and public to whoever has it.";
        return Task.CompletedTask;
    }

    private static OpenApiSchema Object(InputDocs docs, IReadOnlyList<InputField> fields, InputSchema schema, OpenApiDocument document) => new()
    {
        Type = JsonSchemaType.Object,
        Description = docs.Description,
        Required = fields.Where(field => field.Required).Select(field => field.Name).ToHashSet(),
        Properties = docs.Fields.ToDictionary(
            described => described.Field,
            IOpenApiSchema (described) => Value(fields.Single(field => field.Name == described.Field), described.Text, schema, docs.Shot, document)),
    };

    private static OpenApiSchema Value(InputField field, string text, InputSchema schema, InputDocs? shot, OpenApiDocument document) => new()
    {
        Type = TypeOf(field.Kind) | (field.Required ? default : JsonSchemaType.Null),
        Description = text,
        MaxLength = field.MaxLength,
        Enum = field.Allowed is [] ? null : [.. field.Allowed.Select(value => JsonValue.Create(value))],
        Items = field.Kind == FieldKind.Shots ? new OpenApiSchemaReference(shot!.Name, document) : null,
        MaxItems = field.Kind == FieldKind.Shots ? schema.Shots.MaxCount : null, // an empty list is no mistake, it says nothing
    };

    private static JsonSchemaType TypeOf(FieldKind kind) => kind switch
    {
        FieldKind.Flag => JsonSchemaType.Boolean,
        FieldKind.Shots => JsonSchemaType.Array,
        _ => JsonSchemaType.String,
    };

    private static IOpenApiSchema AnyOf(IReadOnlyList<string> names, string? description, OpenApiDocument document) => names is [var only]
        ? new OpenApiSchemaReference(only, document) { Description = description }
        : new OpenApiSchema { Description = description, AnyOf = [.. names.Select(name => new OpenApiSchemaReference(name, document))] };
}
