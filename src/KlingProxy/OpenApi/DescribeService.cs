using KlingProxy.Access.Limits;
using KlingProxy.Http.Docs;
using KlingProxy.Http.Wire;

using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace KlingProxy.OpenApi;

/// <summary>What a reader needs before the first operation: what this is, how to sign in, what the groups mean, what all answers have.</summary>
internal sealed class DescribeService : IOpenApiDocumentTransformer
{
    public const string Bearer = "bearer", SignedLink = "signed_link";

    public static readonly ApiResponseHeader
        RequestId = new(
            Http.Wire.RequestId.Header,
            "This answer's id: your own where you sent one (1 to 64 of A–Z, a–z, 0–9 and `-_.:/+=@`), else ours. Quote it to the operator."),
        Mode = new(ResponseHeaders.Mode, "`sandbox` where nothing is real and nothing costs; else `live`."),
        RateLimit = new(RequestRates.Header, "`r` calls are left in this window, which ends in `t` seconds."),
        RateLimitPolicy = new(RequestRates.PolicyHeader, "`q` calls in each window of `w` seconds, per caller.");

    private static readonly ApiResponseHeader[] Shared = [RequestId, Mode, RateLimit, RateLimitPolicy];

    private const string Guide = """
        A still image becomes 3–15 seconds of native 4K video (Kling O3 at fal.ai), without the fal key ever leaving the server.

        - **Sign in** with `Authorization: Bearer kp_…`. Links in a job to its events and its video are signed and need no header.
        - **Ask** with `POST /v1/jobs`; `POST /v1/quotes` checks and prices the same body for nothing. **Follow** with `links.events`, or poll. **Watch** `links.video`.
        - **Repeat** safely: with an `Idempotency-Key`, a request sent twice is one job.
        - **Refusals** are `application/problem+json`: act on `code`, show `errors`.
        - Money is USD as a decimal string; times are RFC 3339 UTC; ids are opaque.
        """;

    private static readonly (string Name, string Description)[] Groups =
    [
        ("Models", "Which Kling models may be used, what each accepts, what each costs."),
        ("Quotes", "The price of a video, and what is wrong with a request, before anything is spent."),
        ("Uploads", "Images of your own, checked and put where fal can read them."),
        ("Jobs", "Ask for a video, follow it, watch it, cancel it. A job is `submitting`, then `queued`, `in_progress`, `finalizing`, and ends as "
            + "`completed`, `failed`, `canceled` or `expired`. It is `unconfirmed` while fal's answer is missing: it is never sent again."),
        ("Keys", "API keys, for the operator."),
    ];

    public static IOpenApiHeader Header(ApiResponseHeader note, OpenApiDocument? document) =>
        Shared.Any(shared => shared.Header == note.Header) ? new OpenApiHeaderReference(note.Header, document) : Header(note);

    public Task TransformAsync(OpenApiDocument document, OpenApiDocumentTransformerContext context, CancellationToken cancellationToken)
    {
        document.Info = new OpenApiInfo
        {
            Title = "KlingProxy",
            Version = ServiceVersion.Text,
            Description = Guide,
            License = new OpenApiLicense { Name = "Proprietary", Identifier = "LicenseRef-Proprietary" },
        };
        document.Servers = [new OpenApiServer { Url = "/", Description = "This service" }];
        document.Tags = new HashSet<OpenApiTag>(Groups.Select(group => new OpenApiTag { Name = group.Name, Description = group.Description }));

        var shared = document.Components ??= new OpenApiComponents();
        (shared.Schemas ??= new Dictionary<string, IOpenApiSchema>())[ProblemSchema.Name] = ProblemSchema.Of(document);
        shared.Headers = Shared.ToDictionary(header => header.Header, IOpenApiHeader (header) => Header(header));
        shared.SecuritySchemes = new Dictionary<string, IOpenApiSecurityScheme>
        {
            [Bearer] = new OpenApiSecurityScheme
            {
                Type = SecuritySchemeType.Http,
                Scheme = "bearer",
                Description = "A key of this service, kp_…, the operator key, or a token of the app's "
                + "identity provider where one is configured. `Authorization: Key kp_…`, as fal's own clients send it, is the same. Never a fal key."
            },
            [SignedLink] = new OpenApiSecurityScheme
            {
                Type = SecuritySchemeType.ApiKey,
                In = ParameterLocation.Query,
                Name = "signature",
                Description = "A link from a job's `links`, used as it is, with `expires`: for `EventSource` and `<video>`.",
            },
        };
        return Task.CompletedTask;
    }

    private static OpenApiHeader Header(ApiResponseHeader note) =>
        new() { Description = note.Description, Schema = new OpenApiSchema { Type = JsonSchemaType.String } };
}
