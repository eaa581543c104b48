using System.Text.Json.Nodes;

using KlingProxy.Problems;

using Microsoft.AspNetCore.Diagnostics;
using Microsoft.Extensions.Options;

namespace KlingProxy.FalProtocol;

/// <summary>
/// Whoever refuses on these routes (authentication, a limit, a rule, an exception), the refusal leaves in fal's form: fal's clients read
/// <c>detail</c> and <c>message</c>, and do not see problem+json at all.
/// </summary>
internal sealed class FalErrorWriter(IOptions<ProblemDetailsOptions> options) : IProblemDetailsWriter
{
    public bool CanWrite(ProblemDetailsContext context) => FalProtocolModule.Owns(context.HttpContext.Request.Path);

    public async ValueTask WriteAsync(ProblemDetailsContext context)
    {
        options.Value.CustomizeProblemDetails?.Invoke(context);
        var (http, problem, response) = (context.HttpContext, context.ProblemDetails, context.HttpContext.Response);

        // A client sends a POST again after 503, and an exception may have come after a job was written down: better no video than two.
        if (response.StatusCode >= 500 && HttpMethods.IsPost(http.Request.Method) && http.Features.Get<IExceptionHandlerFeature>() is not null)
            response.StatusCode = StatusCodes.Status500InternalServerError;
        if (!response.Headers.ContainsKey(FalAnswer.RequestId))
            response.Headers[FalAnswer.RequestId] = http.TraceIdentifier; // what to quote when one asks about it

        var body = problem.Extensions.TryGetValue("errors", out var errors) && errors is IReadOnlyList<Violation> { Count: > 0 } violations
            ? Fields(problem.Title ?? "", violations)
            : FalVerdict.Sentence(problem.Detail ?? Allowed(response) ?? problem.Title ?? "", string.Join(' ', new[] { problem.Title, problem.Detail ?? Allowed(response) }.OfType<string>()));
        body["code"] = problem.Extensions.TryGetValue("code", out var code) ? code as string : null;
        await FalAnswer.Write(response, body);
    }

    private static JsonObject Fields(string title, IReadOnlyList<Violation> violations)
    {
        var (list, words) = (new JsonArray(), new List<string>());
        foreach (var violation in violations)
        {
            var path = FalField.Path(violation.Pointer);
            list.Add((JsonNode)new JsonObject { ["loc"] = FalField.Location(path), ["msg"] = violation.Detail, ["type"] = violation.Code });
            words.Add(FalField.Sentence(path, violation.Detail));
        }
        return new JsonObject { ["detail"] = list, ["message"] = FalField.Message(title, words) };
    }

    private static string? Allowed(HttpResponse response) =>
        response.StatusCode == StatusCodes.Status405MethodNotAllowed && response.Headers.Allow is { Count: > 0 } methods ? $"Allowed: {methods}." : null;
}
