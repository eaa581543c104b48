using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

using Microsoft.AspNetCore.OpenApi;
using Microsoft.Net.Http.Headers;

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
    public static void UseApiDescription(this WebApplication app)
    {
        app.Use(TellCaches);
        app.UseSwaggerUI(page =>
        {
            page.SwaggerEndpoint(Document, "KlingProxy");
            page.DocumentTitle = "KlingProxy API";
            page.EnablePersistAuthorization();
            page.CacheLifetime = ServedDocument.Lifetime; // compressed they are as they come
        });
    }

    public static void MapApiDescription(this IEndpointRouteBuilder routes) =>
        routes.MapMethods(Document, [HttpMethods.Get, HttpMethods.Head], ServedDocument.Handle).AllowAnonymous().ExcludeFromDescription();

    // With a file Swagger UI says how long it may be kept, and with the word that it is the same still nothing (RFC 9110 §15.4.5).
    private static Task TellCaches(HttpContext context, RequestDelegate next)
    {
        if (context.Request.Path.StartsWithSegments("/swagger"))
            context.Response.OnStarting(() =>
            {
                if (context.Response is { StatusCode: StatusCodes.Status304NotModified, Headers.CacheControl.Count: 0 } unchanged)
                    unchanged.GetTypedHeaders().CacheControl = new CacheControlHeaderValue { Private = true, MaxAge = ServedDocument.Lifetime };
                return Task.CompletedTask;
            });
        return next(context);
    }

    // A reader, and a generated client, knows jobs and uploads, not our views of them.
    private static string? SchemaName(JsonTypeInfo type) =>
        type.Type == typeof(JsonElement) || OpenApiOptions.CreateDefaultSchemaReferenceId(type) is not { } name ? null
        : name.EndsWith("View", StringComparison.Ordinal) || name.EndsWith("Body", StringComparison.Ordinal) ? name[..^4]
        : name;
}
