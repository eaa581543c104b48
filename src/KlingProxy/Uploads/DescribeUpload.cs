using KlingProxy.Models;
using KlingProxy.Uploads.Receiving;

using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace KlingProxy.Uploads;

/// <summary>The body that <see cref="UploadBody"/> reads, for the API description: no type of ours stands for it, since it is never held whole.</summary>
internal static class DescribeUpload
{
    public static Task Describe(OpenApiOperation operation, OpenApiOperationTransformerContext context, CancellationToken cancel)
    {
        var types = context.ApplicationServices.GetRequiredService<ModelCatalog>().Default.Schema.Images.Types;
        operation.RequestBody = new OpenApiRequestBody
        {
            Required = true,
            Description = "The image itself, or a form with the image as its only file. What the bytes are counts, not what they are called.",
            Content = new Dictionary<string, OpenApiMediaType>
            {
                ["image/*"] = new() { Schema = Binary() },
                ["multipart/form-data"] = new()
                {
                    Schema = new OpenApiSchema
                    {
                        Type = JsonSchemaType.Object,
                        Required = new HashSet<string> { "file" },
                        Properties = new Dictionary<string, IOpenApiSchema> { ["file"] = Binary() },
                    },
                    // Without it Kiota writes a body of its own that it then cannot send.
                    Encoding = new Dictionary<string, OpenApiEncoding> { ["file"] = new() { ContentType = string.Join(", ", types) } },
                },
            },
        };
        return Task.CompletedTask;
    }

    private static OpenApiSchema Binary() => new() { Type = JsonSchemaType.String, Format = "binary" };
}
