using System.Text.Json.Nodes;

using KlingProxy.Access;
using KlingProxy.FalCompat.Queue;
using KlingProxy.Http.Problems;
using KlingProxy.Http.Wire;
using KlingProxy.Models;

using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.Options;

namespace KlingProxy.FalCompat;

/// <summary>
/// Whoever refuses on these routes (authentication, a limit, a rule, an exception), the refusal leaves in fal's form: fal's clients read
/// <c>detail</c> and <c>message</c>, and do not see problem+json at all.
/// </summary>
internal sealed class CompatErrorForm(IOptions<AccessOptions> access, ServiceMode mode, ModelCatalog catalog) : IRefusalForm
{
    /// <summary>
    /// What is told in another way: the rules as <c>detail</c>, the help in <c>message</c>, the request's id in a header, since at fal one in the body is a
    /// job's.
    /// </summary>
    private static readonly string[] NotFigures = ["errors", Problem.HelpField, "request_id", "error"];

    public bool IsOf(HttpContext context) => CompatRoutes.Owns(context.Request.Path);

    public async Task Write(ProblemDetailsContext context)
    {
        var (http, problem, response) = (context.HttpContext, context.ProblemDetails, context.HttpContext.Response);
        var call = http.Features.Get<CompatCall>(); // as it was read before something went wrong
        var code = problem.Extensions.TryGetValue("code", out var named) ? named as string : null;
        var violations = problem.Extensions.TryGetValue("errors", out var errors) && errors is IReadOnlyList<Violation> { Count: > 0 } listed ? listed : null;

        // A client sends a POST again after 503, and an exception may have come after a job was written down: better no video than two.
        if (response.StatusCode >= 500 && call is { Spends: true } && http.Features.Get<IExceptionHandlerFeature>() is not null)
            response.StatusCode = StatusCodes.Status500InternalServerError;
        if (violations is not null && call is { Spends: true }
            && response.StatusCode is StatusCodes.Status413PayloadTooLarge or StatusCodes.Status415UnsupportedMediaType)
            response.StatusCode = StatusCodes.Status422UnprocessableEntity; // a field of the input, of which fal says so whatever is wrong with it
        if (!response.Headers.ContainsKey(CompatResponse.RequestId))
            response.Headers[CompatResponse.RequestId] = http.TraceIdentifier; // what to quote when one asks about it

        var (detail, help) = (problem.Detail ?? Allowed(response), HelpBeside(problem));
        if (response.StatusCode == StatusCodes.Status401Unauthorized)
            (detail, help) = ($"{detail} {WhichKey()}".TrimStart(), null); // at this door it is another
        if (violations is null && CompatErrorType.IsOfImage(code))
            violations = [new Violation("", code!, detail ?? problem.Title ?? "")];
        var body = violations is not null
            ? Fields(problem.Title ?? "", violations, (call?.Operation as CompatOperation.Purchase)?.Model ?? catalog.Default)
            : CompatResult.Sentence(detail ?? problem.Title ?? "", string.Join(' ', new[] { problem.Title, detail }.OfType<string>()));
        if (help is not null)
            body["message"] = $"{body["message"]} {help}"; // the one text that every client of fal's shows
        body["code"] = code;
        foreach (var (name, value) in problem.Extensions)
            if (!NotFigures.Contains(name) && !body.ContainsKey(name) && Figure(value) is { } figure)
                body[name] = figure;
        await CompatResponse.Write(response, body);
    }

    // What to do, where the detail does not say that already.
    private static string? HelpBeside(ProblemDetails problem) =>
        problem.Extensions.TryGetValue(Problem.HelpField, out var help) && help is string { Length: > 0 } text && text != problem.Detail ? text : null;

    private static JsonNode? Figure(object? value) => value switch
    {
        string text => text,
        int number => number,
        long number => number,
        _ => null,
    };

    private static JsonObject Fields(string title, IReadOnlyList<Violation> violations, KlingModel model)
    {
        var (list, words) = (new JsonArray(), new List<string>());
        foreach (var violation in violations)
        {
            var path = CompatFieldError.Path(violation.Pointer);
            var (type, broken) = CompatErrorType.Of(violation.Code, model.Schema);
            var item = new JsonObject { ["loc"] = CompatFieldError.Location(path), ["msg"] = violation.Detail, ["type"] = type };
            if (broken is not null)
                item["ctx"] = broken;
            list.Add((JsonNode)item);
            words.Add(CompatFieldError.Sentence(path, violation.Detail));
        }
        return new JsonObject { ["detail"] = list, ["message"] = CompatFieldError.Message(title, words) };
    }

    // Whoever comes from fal has a key of fal's in FAL_KEY, and would look for the fault in it.
    private string WhichKey() =>
        "Send Authorization: Key kp_…, a key of this proxy's in the place of fal's own (FAL_KEY, or credentials in fal.config). The operator makes one with "
            + "POST /v1/keys"
        + (mode.PrintsKeys ? "; this is the Sandbox: its start prints keys that work." : ".")
        + (mode.Word == "sandbox" && access.Value.Anonymous
            ? " This Sandbox also opens to any Key that has no form of this proxy's (Key anything), and to none."
            : "");

    private static string? Allowed(HttpResponse response) =>
        response.StatusCode == StatusCodes.Status405MethodNotAllowed && response.Headers.Allow is { Count: > 0 } methods ? $"Allowed: {methods}." : null;
}
