using System.Text.Json.Nodes;

using KlingProxy.Http.Problems;

using Microsoft.OpenApi;

namespace KlingProxy.OpenApi;

/// <summary>How every refusal looks. Written out, because what we add to <c>ProblemDetails</c> has no type of its own.</summary>
internal static class ProblemSchema
{
    public const string Name = "Problem";

    private const string RequestId = "req_5d0c3b9e7f214a68b1e6d2c48a907f35";

    public static OpenApiSchema Of(OpenApiDocument document) => new()
    {
        Type = JsonSchemaType.Object,
        Description = "A refusal (RFC 9457).",
        Required = new HashSet<string> { "type", "title", "status", "detail", "help", "code", "request_id" },
        Properties = new Dictionary<string, IOpenApiSchema>
        {
            ["type"] = Text("What kind of refusal this is; its page says what to do about it.", "uri-reference"),
            ["title"] = Text("One sentence, the same for every occurrence."),
            ["status"] = new OpenApiSchema { Type = JsonSchemaType.Integer, Description = "The HTTP status.", Minimum = "400", Maximum = "599" },
            ["detail"] = Text("What happened this time. The text may change; never a value that was sent."),
            ["help"] = Text("What to do about it; the page of `type` says it too."),
            ["code"] = Text("Stable: write programs against it. The last segment of `type`."),
            ["request_id"] = Text("Quote it to the operator; also in X-Request-Id."),
            ["retry_after"] = Number("With 429 and 503, and where a job has yet to end: seconds until it is worth trying again; also in Retry-After."),
            ["amount"] = Text("With 402: what the video would cost, in USD."),
            ["left"] = Text("With 402: what the budget still allows, in USD."),
            ["window"] = Text("With 402: the budget's window, `day` or `total`; or `job`, where max_cost or a ticket limits one."),
            ["resets_at"] = Text("With 402 and upload-quota-exceeded: when the budget, or the quota, begins anew; absent where it never does.", "date-time"),
            ["limit"] = Number("With 429: how many there may be at a time; with too-many-requests, in the window that RateLimit-Policy names. With 413: how "
                + "many bytes."),
            ["uploads_used"] = Number("With upload-quota-exceeded: how many images you have stored today (UTC)."),
            ["uploads_limit"] = Number("With upload-quota-exceeded: how many you may store in a day."),
            ["bytes_used"] = Number("With upload-quota-exceeded: how many bytes you have stored today (UTC)."),
            ["bytes_limit"] = Number("With upload-quota-exceeded: how many you may store in a day."),
            ["scope"] = Text("With 403: the scope that the credential lacks."),
            ["errors"] = new OpenApiSchema
            {
                Type = JsonSchemaType.Array,
                Description = "Every broken rule, in the order of the body.",
                Items = new OpenApiSchemaReference(nameof(Violation), document),
            },
        },
    };

    public static JsonObject Example(Problem problem)
    {
        var example = new JsonObject
        {
            ["type"] = problem.Type,
            ["title"] = problem.Title,
            ["status"] = problem.Status,
            ["detail"] = problem.Help,
            ["code"] = problem.Code,
            ["help"] = problem.Help,
        };
        if (problem.Passes)
            example["retry_after"] = problem.RetryAfter;
        if (problem.Typical is { } rule)
            example["errors"] = new JsonArray(new JsonObject { ["pointer"] = rule.Pointer, ["code"] = rule.Code, ["detail"] = rule.Detail });
        example["request_id"] = RequestId;
        return example;
    }

    private static OpenApiSchema Number(string description) => new() { Type = JsonSchemaType.Integer, Description = description, Minimum = "0" };

    private static OpenApiSchema Text(string description, string? format = null) =>
        new() { Type = JsonSchemaType.String, Description = description, Format = format };
}
