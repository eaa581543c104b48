using System.Text.Json.Nodes;

using KlingProxy.Access;
using KlingProxy.Http.Docs;
using KlingProxy.Models;
using KlingProxy.Orders;

using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace KlingProxy.OpenApi;

/// <summary>Per operation, what goes in: who may call it, its parameters, bodies that work.</summary>
internal sealed class DescribeCall(ModelCatalog catalog) : IOpenApiOperationTransformer
{
    public Task TransformAsync(OpenApiOperation operation, OpenApiOperationTransformerContext context, CancellationToken cancellationToken)
    {
        var metadata = context.Description.ActionDescriptor.EndpointMetadata;
        var policy = metadata.OfType<IAuthorizeData>().LastOrDefault()?.Policy;
        var byLink = policy == AccessPolicy.JobsOrLink;

        if (!metadata.OfType<IAllowAnonymous>().Any())
        {
            operation.Security = [Requires(DescribeService.Bearer, context.Document,
                policy is AccessPolicy.JobsOrLink or AccessPolicy.JobsOrOperator ? AccessPolicy.Jobs : policy == AccessPolicy.Anyone ? null : policy)];
            if (policy == AccessPolicy.JobsOrOperator)
                operation.Security.Add(Requires(DescribeService.Bearer, context.Document, AccessPolicy.Operator));
            if (byLink)
                operation.Security.Add(Requires(DescribeService.SignedLink, context.Document, null));
        }

        operation.Parameters ??= [];
        foreach (var note in metadata.OfType<ApiParameter>())
            Describe(operation.Parameters, note);

        var takesOrder = metadata.OfType<IAcceptsMetadata>().Any(accepts => accepts.RequestType == typeof(VideoOrderBody));
        var bodies = metadata.OfType<ApiExample>().Concat(takesOrder ? catalog.Families.SelectMany(family => family.Examples) : []).ToList();
        foreach (var content in bodies.Count > 0 ? operation.RequestBody?.Content?.Values ?? [] : [])
            content.Examples = bodies.ToDictionary(body => body.Name, IOpenApiExample (body) => new OpenApiExample
            { Summary = body.Summary, Value = JsonNode.Parse(body.Json) });
        return Task.CompletedTask;
    }

    private static OpenApiSecurityRequirement Requires(string scheme, OpenApiDocument? document, string? scope) =>
        new() { [new OpenApiSecuritySchemeReference(scheme, document)] = scope is null ? [] : [scope] };

    private static void Describe(IList<IOpenApiParameter> parameters, ApiParameter note)
    {
        var place = Enum.Parse<ParameterLocation>(note.In, ignoreCase: true);
        var parameter = parameters.OfType<OpenApiParameter>().FirstOrDefault(parameter => parameter.Name == note.Name && parameter.In == place);
        if (parameter is null)
            parameters.Add(parameter = new OpenApiParameter { Name = note.Name, In = place });

        // as a default, generated clients would send it
        parameter.Description = note.Default is { } assumed ? $"{note.Description} {assumed} when absent." : note.Description;
        parameter.Schema = new OpenApiSchema
        {
            Type = note.Min is null ? JsonSchemaType.String : JsonSchemaType.Integer,
            Format = note.Min is null ? null : note.Max <= int.MaxValue ? "int32" : "int64", // Unix seconds and sequence numbers outgrow the first
            Pattern = note.Pattern,
            Enum = note.OneOf is [] ? null : [.. note.OneOf.Select(value => JsonValue.Create(value))],
            Minimum = Text(note.Min),
            Maximum = Text(note.Max),
        };
    }

    private static string? Text(long? number) => number?.ToString(System.Globalization.CultureInfo.InvariantCulture);
}
