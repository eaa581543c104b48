using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

using Microsoft.AspNetCore.OpenApi;

namespace KlingProxy.OpenApi;

/// <summary>The API described: the OpenAPI document, and Swagger UI to read and try it.</summary>
internal static class OpenApiModule
{
    private const string Document = $"/openapi/{ServedDocument.Name}.json";

    public static void AddApiDescription(this IHostApplicationBuilder builder)
    {
        builder.Services.AddSingleton<ServedDocument>();
        builder.Services.AddOpenApi(ServedDocument.Name, options =>
        {
            options.CreateSchemaReferenceId = SchemaName;
            options.AddDocumentTransformer<DescribeService>();
            options.AddDocumentTransformer<DescribeInput>();
            options.AddDocumentTransformer<DescribeFreeJson>();
            options.AddOperationTransformer<DescribeCall>();
            options.AddOperationTransformer<DescribeAnswers>();
            options.AddSchemaTransformer<DescribeValue>();
        });
    }

    /// <summary>Before authentication: the description is no secret.</summary>
    public static void UseApiDescription(this WebApplication app) => app.UseSwaggerUI(page =>
    {
        page.SwaggerEndpoint(Document, "KlingProxy");
        page.DocumentTitle = "KlingProxy API";
        page.EnablePersistAuthorization();
        page.CacheLifetime = ServedDocument.Lifetime; // compressed they are as they come
    });

    public static void MapApiDescription(this IEndpointRouteBuilder routes) =>
        routes.MapMethods(Document, [HttpMethods.Get, HttpMethods.Head], ServedDocument.Handle).AllowAnonymous().ExcludeFromDescription();

    // A reader, and a generated client, knows jobs and uploads, not our views of them.
    private static string? SchemaName(JsonTypeInfo type) =>
        type.Type == typeof(JsonElement) || OpenApiOptions.CreateDefaultSchemaReferenceId(type) is not { } name ? null
        : name.EndsWith("View", StringComparison.Ordinal) || name.EndsWith("Body", StringComparison.Ordinal) ? name[..^4]
        : name;
}
