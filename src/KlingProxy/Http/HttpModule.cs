using System.Globalization;

using KlingProxy.Http.Bodies;
using KlingProxy.Http.Problems;
using KlingProxy.Http.Wire;

using Microsoft.AspNetCore.Mvc;

namespace KlingProxy.Http;

/// <summary>How a refusal looks, and the pages that explain each.</summary>
internal static class HttpModule
{
    /// <summary>A folder's problems, so that each has its page.</summary>
    public static void AddProblems(this IServiceCollection services, params IEnumerable<Problem> problems)
    {
        foreach (var problem in problems)
            services.AddSingleton(problem);
    }

    public static void AddProblems(this IHostApplicationBuilder builder, ServiceMode mode)
    {
        builder.Services.AddSingleton(mode);
        builder.Services.AddProblems(HttpProblems.Internal, HttpProblems.NotFound, HttpProblems.MethodNotAllowed, BodyProblems.Malformed, BodyProblems.TooLarge,
            BodyProblems.WrongMediaType, BodyProblems.TooSlow, BodyProblems.Overloaded, BodyFields.Invalid, UnknownParameters.Refused);
        builder.Services.AddProblems(ServerRefusals.All);
        builder.Services.AddExceptionHandler<SpoolTroubleHandler>();
        builder.Services.AddSingleton<IProblemDetailsWriter, ProblemWriter>(); // before the framework's: the first that can writes
        builder.Services.AddProblemDetails(options => options.CustomizeProblemDetails = Complete);
        builder.AddJson(ProblemsJson.Default);
    }

    /// <summary>First in the pipeline: every response gets its headers; every refusal that nobody worded becomes a problem.</summary>
    public static void UseHttp(this WebApplication app)
    {
        app.UseLongAnswers();
        app.Use(ActivatorUtilities.CreateInstance<ResponseHeaders>(app.Services).Attach);
        app.UseExceptionHandler(new ExceptionHandlerOptions
        {
            // Of what a caller broke off nothing is wrong here, and a stranger could fill the log with it. A fault of ours stays one whoever has gone.
            SuppressDiagnosticsCallback = context => BodyFaults.IsOfSender(context.Exception)
                || (context.Exception is IOException or OperationCanceledException && context.HttpContext.RequestAborted.IsCancellationRequested),
            // The server throws it in the middle of a body, whoever reads: too large, cut short, framed wrongly, reset.
            StatusCodeSelector = error => error is BadHttpRequestException bad ? bad.StatusCode
                : BodyFaults.IsOfSender(error) ? StatusCodes.Status400BadRequest
                : StatusCodes.Status500InternalServerError,
        });
        app.UseStatusCodePages();
    }

    /// <summary>Finds the one that answers.</summary>
    public static void UseRoutes(this WebApplication app)
    {
        app.UseRouting();
        app.UseHeadLikeGet();
        app.UseRouting(); // looks again only where the first look found nothing
    }

    public static void MapHttp(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/problems/{code}", ProblemPage.Handle).AllowAnonymous().ExcludeFromDescription();
        routes.MapGet("/problems", ProblemPage.Index).AllowAnonymous().ExcludeFromDescription();
    }

    // Whatever produced the refusal (ours, the framework's, an exception), it leaves in one shape.
    private static void Complete(ProblemDetailsContext context)
    {
        var (details, response) = (context.ProblemDetails, context.HttpContext.Response);
        if (!details.Extensions.ContainsKey("code"))
        {
            var problem = details.Status switch
            {
                404 => HttpProblems.NotFound,
                405 => HttpProblems.MethodNotAllowed,
                408 => BodyProblems.TooSlow,
                413 => BodyProblems.TooLarge,
                415 => BodyProblems.WrongMediaType,
                >= 400 and < 500 => HttpProblems.Unreadable,
                _ => HttpProblems.Internal,
            };
            (details.Type, details.Title) = (problem.Type, problem.Title);
            details.Detail = (problem == BodyProblems.WrongMediaType ? JsonContentType.FaultOf(context.HttpContext.Request) : null) ?? Allowed(response)
                ?? problem.Help;
            details.Extensions["code"] = problem.Code;
            details.Extensions[Problem.HelpField] = problem.Help;
        }
        if (details.Extensions.TryGetValue(Problem.RetryAfterField, out var seconds))
            SayWhen(response, details, seconds);
        if (details.Status == StatusCodes.Status401Unauthorized && response.Headers.WWWAuthenticate.Count == 0)
            response.Headers.WWWAuthenticate = "Bearer"; // RFC 9110 §15.5.2: whoever is to sign in is told how
        details.Extensions.Remove("trace_id"); // the framework adds it; one id is enough to ask about
        details.Extensions["request_id"] = context.HttpContext.TraceIdentifier;
        response.Headers.CacheControl = "no-store";
    }

    // Whoever refused may know better than the kind of refusal does; header and body say the same.
    private static void SayWhen(HttpResponse response, ProblemDetails details, object? seconds)
    {
        if (int.TryParse(response.Headers.RetryAfter, NumberStyles.None, CultureInfo.InvariantCulture, out var known))
            details.Extensions[Problem.RetryAfterField] = known;
        else
            response.Headers.RetryAfter = string.Create(CultureInfo.InvariantCulture, $"{seconds}");
    }

    private static string? Allowed(HttpResponse response) =>
        response.StatusCode == StatusCodes.Status405MethodNotAllowed && response.Headers.Allow is { Count: > 0 } methods ? $"Allowed: {methods}." : null;
}
