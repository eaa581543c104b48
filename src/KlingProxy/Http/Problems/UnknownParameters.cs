using KlingProxy.Http.Docs;

namespace KlingProxy.Http.Problems;

/// <summary>
/// Refuses a query parameter that the operation does not take, as a body's unknown field is refused: <c>?statsu=failed</c> would list everything, and look
/// as if it had been obeyed. What an operation takes is what the API description says of it.
/// </summary>
internal static class UnknownParameters
{
    public static readonly Problem Refused = new("unknown-parameter", 400, "The address has a query parameter that this operation does not take.",
        "Nothing was done. The detail names the parameter and those that exist; the API description at /swagger explains each.");

    private const int MaxNameLength = 100; // a longer one is not worth repeating

    /// <summary>After authorization: a stranger hears first that they are one.</summary>
    public static void UseKnownParameters(this IApplicationBuilder app) => app.Use((context, next) =>
        context.Request.QueryString.HasValue && context.Request.Path.StartsWithSegments("/v1") && Refuse(context) is { } refusal
            ? refusal.Answer().ExecuteAsync(context)
            : next(context));

    private static Refusal? Refuse(HttpContext context)
    {
        if (context.GetEndpoint() is not RouteEndpoint endpoint)
            return null; // another refusal is on its way
        var known = endpoint.Metadata.GetOrderedMetadata<ApiParameter>().Where(parameter => parameter.In == "query").Select(parameter => parameter.Name)
            .ToList();
        if (context.Request.Query.Keys.FirstOrDefault(name => !known.Contains(name)) is not { } unknown)
            return null;
        var takes = known is [] ? "it takes none" : $"it takes {string.Join(", ", known)}";
        return Refused.Because($"There is no query parameter {(unknown.Length > MaxNameLength ? "of such a name" : $"'{unknown}'")} here; {takes}.");
    }
}
