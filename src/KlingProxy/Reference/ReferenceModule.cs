using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

using Microsoft.AspNetCore.OpenApi;

namespace KlingProxy.Reference;

/// <summary>The API described: the OpenAPI document, and Swagger UI to read and try it.</summary>
internal static class ReferenceModule
{
    private const string Document = "/openapi/v1.json";

    public static void AddReference(this IHostApplicationBuilder builder) => builder.Services.AddOpenApi("v1", options =>
    {
        options.CreateSchemaReferenceId = SchemaName;
        options.AddDocumentTransformer<DescribeService>();
        options.AddDocumentTransformer<DescribeFreeJson>();
        options.AddOperationTransformer<DescribeCall>();
        options.AddOperationTransformer<DescribeAnswers>();
        options.AddSchemaTransformer<DescribeInput>();
        options.AddSchemaTransformer<DescribeValue>();
    });

    /// <summary>Before authentication: the description is no secret.</summary>
    public static void UseReference(this WebApplication app) => app.UseSwaggerUI(page =>
    {
        page.SwaggerEndpoint(Document, "KlingProxy");
        page.DocumentTitle = "KlingProxy API";
        page.EnablePersistAuthorization();
    });

    public static void MapReference(this IEndpointRouteBuilder routes) => routes.MapOpenApi("/openapi/{documentName}.json").AllowAnonymous();

    // A reader, and a generated client, knows jobs and uploads, not our views of them.
    private static string? SchemaName(JsonTypeInfo type) =>
        type.Type == typeof(JsonElement) || OpenApiOptions.CreateDefaultSchemaReferenceId(type) is not { } name ? null
        : name.EndsWith("View", StringComparison.Ordinal) || name.EndsWith("Body", StringComparison.Ordinal) ? name[..^4]
        : name;
}
