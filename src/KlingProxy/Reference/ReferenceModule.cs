namespace KlingProxy.Reference;

/// <summary>The API described: the OpenAPI document, and Swagger UI to read and try it.</summary>
internal static class ReferenceModule
{
    private const string Document = "/openapi/v1.json";

    public static void AddReference(this IHostApplicationBuilder builder) => builder.Services.AddOpenApi("v1", options =>
    {
        options.AddDocumentTransformer<DescribeService>();
        options.AddOperationTransformer<DescribeOperation>();
    });

    /// <summary>Before authentication: the description is no secret.</summary>
    public static void UseReference(this WebApplication app) => app.UseSwaggerUI(page =>
    {
        page.SwaggerEndpoint(Document, "KlingProxy");
        page.DocumentTitle = "KlingProxy API";
        page.EnablePersistAuthorization();
    });

    public static void MapReference(this IEndpointRouteBuilder routes) => routes.MapOpenApi("/openapi/{documentName}.json").AllowAnonymous();
}
