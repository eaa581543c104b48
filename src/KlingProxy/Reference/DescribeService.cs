using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace KlingProxy.Reference;

/// <summary>What a reader needs before the first operation: what this is, how to sign in, what the groups mean.</summary>
internal sealed class DescribeService : IOpenApiDocumentTransformer
{
    public const string Bearer = "bearer";

    private static readonly (string Name, string Description)[] Groups =
    [
        ("Models", "Which Kling models may be used, what each accepts, what each costs."),
        ("Quotes", "The price of a video, and what is wrong with a request, before anything is spent."),
        ("Uploads", "Images of your own, checked and put where fal can read them."),
        ("Jobs", "Ask for a video, follow it, watch it, cancel it."),
        ("Keys", "API keys, for the operator."),
    ];

    public Task TransformAsync(OpenApiDocument document, OpenApiDocumentTransformerContext context, CancellationToken cancellationToken)
    {
        document.Info = new OpenApiInfo
        {
            Title = "KlingProxy",
            Version = "1",
            Description = "A still image becomes 3–15 seconds of native 4K video (Kling O3 at fal.ai), without the fal key ever leaving the server. Money is USD as a decimal string; times are RFC 3339 UTC.",
            License = new OpenApiLicense { Name = "Proprietary", Identifier = "LicenseRef-Proprietary" },
        };
        document.Servers = [new OpenApiServer { Url = "/", Description = "This service" }];
        document.Tags = new HashSet<OpenApiTag>(Groups.Select(group => new OpenApiTag { Name = group.Name, Description = group.Description }));
        document.Components ??= new OpenApiComponents();
        document.Components.SecuritySchemes = new Dictionary<string, IOpenApiSecurityScheme>
        {
            [Bearer] = new OpenApiSecurityScheme { Type = SecuritySchemeType.Http, Scheme = "bearer", Description = "A key of this service, kp_…, or the operator key. Never a fal key." },
        };
        return Task.CompletedTask;
    }
}
