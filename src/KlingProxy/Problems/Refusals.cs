using Microsoft.AspNetCore.Mvc;

namespace KlingProxy.Problems;

/// <summary>Says in the API description with which statuses an operation refuses; 401, 403 and 500 every one of them can.</summary>
internal static class Refusals
{
    private static readonly int[] Everywhere = [401, 403, 500];

    public static RouteHandlerBuilder Refuses(this RouteHandlerBuilder route, params IEnumerable<int> statuses)
    {
        foreach (var status in statuses.Concat(Everywhere).Order())
            route.Produces<ProblemDetails>(status, "application/problem+json");
        return route;
    }
}
