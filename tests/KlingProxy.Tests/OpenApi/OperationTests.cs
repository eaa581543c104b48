using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace KlingProxy.Tests.OpenApi;

/// <summary>What every operation owes its reader.</summary>
public sealed class OperationTests(OpenProxy proxy) : IClassFixture<OpenProxy>
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_operation_is_described()
    {
        var missing =
            from operation in await Operations()
            from field in new[] { "summary", "description", "operationId", "tags", "security" }
            where string.IsNullOrWhiteSpace(operation.Json[field]?.ToString())
            select $"{operation.Name}: {field}";

        Assert.Empty(missing);
    }

    [Fact]
    public async Task Every_operation_names_its_refusals() =>
        Assert.DoesNotContain(await Operations(), operation => !operation.Answers.Any(answer => answer.Status[0] == '4'));

    [Fact]
    public async Task Every_JSON_body_has_an_example() => Assert.Empty(
        from operation in await Operations()
        from body in operation.Answers.Append((Status: "request", Json: operation.Json["requestBody"]))
        from content in body.Json?["content"]?.AsObject() ?? []
        where content.Key.Contains("json", StringComparison.Ordinal) && content.Value!["example"] is null && content.Value["examples"] is null
        select $"{operation.Name} {body.Status} {content.Key}");

    [Fact]
    public async Task Every_parameter_is_described_and_typed() => Assert.Empty(
        from operation in await Operations()
        from parameter in operation.Json["parameters"]?.AsArray() ?? []
        where string.IsNullOrEmpty((string?)parameter!["description"]) || parameter["schema"]?["type"] is null
        select $"{operation.Name}: {parameter["name"]}");

    [Fact]
    public async Task Every_answer_names_its_request_and_its_mode() => Assert.Empty(
        from operation in await Operations()
        from answer in operation.Answers
        from header in new[] { "X-Request-Id", "X-KlingProxy-Mode" }
        where answer.Json!["headers"]?[header] is null
        select $"{operation.Name} {answer.Status}: {header}");

    [Fact]
    public async Task Every_part_of_a_schema_is_described_and_typed() => Assert.Empty(
        from schema in (await Document())["components"]!["schemas"]!.AsObject()
        from property in schema.Value!["properties"]?.AsObject() ?? []
        where !IsExplained(property.Value!)
        select $"{schema.Key}.{property.Key}: {property.Value!.ToJsonString()}");

    // openapi-typescript makes a field with a default one that must be written, others send it unasked.
    [Fact]
    public async Task No_request_has_a_default_for_generated_clients_to_send() => Assert.Empty(
        (from schema in (await Document())["components"]!["schemas"]!.AsObject()
         from property in schema.Value!["properties"]?.AsObject() ?? []
         where property.Value!["default"] is not null
         select $"{schema.Key}.{property.Key}").Concat(
        from operation in await Operations()
        from parameter in operation.Json["parameters"]?.AsArray() ?? []
        where parameter!["schema"]!["default"] is not null
        select $"{operation.Name}: {parameter["name"]}"));

    [Theory]
    [InlineData("/v1/quotes")]
    [InlineData("/v1/jobs")]
    [InlineData("/v1/keys")]
    public async Task Every_request_that_is_shown_works(string path)
    {
        using var client = path == "/v1/keys" ? proxy.Operator() : proxy.Anyone();
        var shown = (await Document())["paths"]![path]!["post"]!["requestBody"]!["content"]!["application/json"]!["examples"]!.AsObject();
        Assert.NotEmpty(shown);

        foreach (var (name, example) in shown)
        {
            using var reply = await client.PostAsJsonAsync(path, example!["value"], Cancel);
            var answer = await reply.Content.ReadFromJsonAsync<JsonElement>(Cancel);

            Assert.True(reply.IsSuccessStatusCode, $"{name}: {answer}");
            if (path == "/v1/quotes")
                Assert.Empty(answer.GetProperty("errors").EnumerateArray());
        }
    }

    [Fact]
    public async Task Swagger_reads_the_document_that_is_served()
    {
        using var client = proxy.Anyone();
        using var page = await client.GetAsync("/swagger/index.html", Cancel);

        Assert.Equal(HttpStatusCode.OK, page.StatusCode);
    }

    // A reference is explained where it leads to.
    private static bool IsExplained(JsonNode schema) =>
        schema["$ref"] is not null || schema["oneOf"] is not null
        || (!string.IsNullOrEmpty((string?)schema["description"]) && (schema["type"] is not null || schema["allOf"] is not null));

    private async Task<JsonNode> Document()
    {
        using var client = proxy.Anyone();
        return JsonNode.Parse(await client.GetStringAsync("/openapi/v1.json", Cancel))!;
    }

    private async Task<IReadOnlyList<Operation>> Operations() =>
    [
        .. from path in (await Document())["paths"]!.AsObject()
           from method in path.Value!.AsObject()
           select new Operation($"{method.Key} {path.Key}", method.Value!),
    ];

    private sealed record Operation(string Name, JsonNode Json)
    {
        public IEnumerable<(string Status, JsonNode? Json)> Answers => Json["responses"]!.AsObject().Select(answer => (answer.Key, answer.Value));
    }
}
