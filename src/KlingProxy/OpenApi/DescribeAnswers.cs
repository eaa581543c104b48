using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

using KlingProxy.Access;
using KlingProxy.Http.Docs;
using KlingProxy.Http.Problems;

using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Http.Json;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.Extensions.Options;
using Microsoft.OpenApi;

namespace KlingProxy.OpenApi;

/// <summary>Per operation, what comes out: each status with its meaning, its headers, and an example of each success and each refusal.</summary>
internal sealed class DescribeAnswers(IOptions<JsonOptions> json) : IOpenApiOperationTransformer
{
    public Task TransformAsync(OpenApiOperation operation, OpenApiOperationTransformerContext context, CancellationToken cancellationToken)
    {
        var metadata = context.Description.ActionDescriptor.EndpointMetadata;
        var responses = new SortedDictionary<int, OpenApiResponse>();
        foreach (var (status, response) in operation.Responses ?? [])
            responses[int.Parse(status, CultureInfo.InvariantCulture)] = (OpenApiResponse)response;

        foreach (var answers in metadata.OfType<ApiResponse>().GroupBy(answer => answer.Status))
        {
            At(responses, answers.Key).Description = answers.First().Description;
            foreach (var answer in answers)
                Describe(At(responses, answer.Status), answer);
        }
        foreach (var refusals in Refusals(metadata).Distinct().GroupBy(problem => problem.Status))
            Describe(At(responses, refusals.Key), [.. refusals], context.Document);
        foreach (var note in metadata.OfType<ApiResponseHeader>().Concat(Everywhere(responses.Keys)))
            foreach (var status in note.On)
                (At(responses, status).Headers ??= new Dictionary<string, IOpenApiHeader>())[note.Header] = DescribeService.Header(note, context.Document);

        operation.Responses = [];
        foreach (var (status, response) in responses)
        {
            if (HttpMethods.IsHead(context.Description.HttpMethod ?? ""))
                response.Content = null;
            operation.Responses[status.ToString(CultureInfo.InvariantCulture)] = response;
        }
        return Task.CompletedTask;
    }

    private static OpenApiResponse At(SortedDictionary<int, OpenApiResponse> responses, int status) =>
        responses.TryGetValue(status, out var response) ? response : responses[status] = new OpenApiResponse();

    private static IEnumerable<Problem> Refusals(IEnumerable<object> metadata)
    {
        var own = metadata.OfType<Problem>().Append(UnknownParameters.Refused).Append(HttpProblems.Internal);
        return metadata.OfType<IAllowAnonymous>().Any()
            ? own
            : [AccessProblems.Unauthorized, AccessProblems.Forbidden, AccessProblems.OriginRefused, AccessProblems.TooManyRequests,
            AccessProblems.IdentityUnavailable, .. own];
    }

    private static IEnumerable<ApiResponseHeader> Everywhere(IReadOnlyCollection<int> statuses)
    {
        yield return DescribeService.RequestId with { On = [.. statuses] };
        yield return DescribeService.Mode with { On = [.. statuses] };
        if (statuses.Contains(StatusCodes.Status401Unauthorized))
            yield return new ApiResponseHeader("WWW-Authenticate", "Always `Bearer`.", StatusCodes.Status401Unauthorized);
        if (statuses.Contains(StatusCodes.Status503ServiceUnavailable))
            yield return new ApiResponseHeader("Retry-After", "Seconds until it is worth trying again.", StatusCodes.Status503ServiceUnavailable);
        if (statuses.Contains(StatusCodes.Status429TooManyRequests))
        {
            yield return new ApiResponseHeader("Retry-After", "Seconds until you may call again.", StatusCodes.Status429TooManyRequests);
            // every answer has them; to say so everywhere would drown the rest
            int[] worthIt = [.. statuses.Where(status => status is < 300 or StatusCodes.Status429TooManyRequests)];
            yield return DescribeService.RateLimit with { On = worthIt };
            yield return DescribeService.RateLimitPolicy with { On = worthIt };
        }
    }

    private void Describe(OpenApiResponse response, ApiResponse answer)
    {
        response.Content ??= new Dictionary<string, OpenApiMediaType>();
        if (answer.Example is not null and not string)
            response.Content[answer.MediaType].Example =
                JsonSerializer.SerializeToNode(answer.Example, json.Value.SerializerOptions.GetTypeInfo(answer.Example.GetType()));
        else if (answer.MediaType != "application/json")
            response.Content[answer.MediaType] = new OpenApiMediaType
            {
                Schema = new OpenApiSchema
                {
                    Type = JsonSchemaType.String,
                    Format = answer.Example is null ? "binary" : null,
                    Description = answer.Description
                },
                Example = answer.Example is string text ? JsonValue.Create(text) : null,
            };
    }

    private static void Describe(OpenApiResponse response, IReadOnlyList<Problem> problems, OpenApiDocument? document)
    {
        response.Description = problems is [var only]
            ? only.Title
            : string.Concat(problems.Select(problem => $"- `{problem.Code}`: {problem.Title}\n")).TrimEnd();
        response.Content = new Dictionary<string, OpenApiMediaType>
        {
            ["application/problem+json"] = new()
            {
                Schema = new OpenApiSchemaReference(ProblemSchema.Name, document),
                Examples = problems.ToDictionary(problem => problem.Code, IOpenApiExample (problem) => new OpenApiExample
                { Summary = problem.Title, Value = ProblemSchema.Example(problem) }),
            },
        };
    }
}
