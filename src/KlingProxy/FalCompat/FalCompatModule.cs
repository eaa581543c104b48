using KlingProxy.Access;
using KlingProxy.Access.Limits;
using KlingProxy.Access.Polls;
using KlingProxy.FalCompat.Queue;
using KlingProxy.Http;
using KlingProxy.Http.Problems;

namespace KlingProxy.FalCompat;

/// <summary>
/// fal's own clients, unmodified: a second face of the same jobs. Nothing is passed through; every call is recognised as one of a few and
/// answered by the use case that answers it under <c>/v1</c>.
/// </summary>
internal static class FalCompatModule
{
    public static void AddFalCompat(this IHostApplicationBuilder builder)
    {
        builder.Services.AddProblems(CompatProblems.All);
        builder.Services.AddSingleton<IRefusalForm, CompatErrorForm>();
        builder.Services.AddSingleton<KnownTargets>();
        builder.Services.AddSingleton<AnswerCall>();
        builder.Services.AddSingleton<CompatLinks>();
        builder.Services.AddSingleton<OwnRequests>();
        builder.Services.AddSingleton<AnswerSubmit>();
        builder.Services.AddSingleton<AnswerRun>();
        builder.Services.AddSingleton<AnswerStatus>();
        builder.Services.AddSingleton<IPoll, StatusPoll>();
        builder.Services.AddSingleton<AnswerStatusStream>();
        builder.Services.AddSingleton<AnswerResult>();
        builder.Services.AddSingleton<AnswerCancel>();
    }

    public static void MapFalCompat(this IEndpointRouteBuilder routes)
    {
        string[] methods = [HttpMethods.Get, HttpMethods.Post, HttpMethods.Put];
        var calls = routes.MapGroup("").ExcludeFromDescription();
        calls.MapMethods(CompatRoutes.Proxy, methods, AnswerCall.Handle).WithMetadata(CompatDoor.Proxy).RequireAuthorization(AccessPolicy.Jobs)
            .StaysOpen(IsLong);
        // Addresses that replies lead to are signed: some clients follow them without their credential.
        calls.MapMethods($"{CompatRoutes.Queue}/{{**rest}}", methods, AnswerCall.Handle).WithMetadata(CompatDoor.Queue)
            .RequireAuthorization(AccessPolicy.JobsOrLink).StaysOpen(IsLong);
        calls.MapMethods($"{CompatRoutes.Run}/{{**rest}}", methods, AnswerCall.Handle).WithMetadata(CompatDoor.Run).RequireAuthorization(AccessPolicy.Jobs)
            .StaysOpen(IsLong);
    }

    private static bool IsLong(HttpRequest request) => CompatCall.Of(request.HttpContext)?.StaysOpen(request) is true;
}
