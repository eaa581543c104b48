using KlingProxy.Access;
using KlingProxy.Access.Limits;
using KlingProxy.FalCompat.Queue;
using KlingProxy.FalCompat.Storage;
using KlingProxy.Http;

namespace KlingProxy.FalCompat;

/// <summary>
/// fal's own clients, unmodified: a second face of the same jobs and uploads. Nothing is passed through; every call is recognised as one of a few and
/// answered by the use case that answers it under <c>/v1</c>.
/// </summary>
internal static class FalProtocolModule
{
    public static void AddFalProtocol(this IHostApplicationBuilder builder)
    {
        builder.Services.AddProblems(FalProtocolProblems.All);
        builder.Services.Insert(0, ServiceDescriptor.Singleton<IProblemDetailsWriter, FalErrorWriter>()); // the first that can writes
        builder.Services.AddSingleton<AnswerCall>();
        builder.Services.AddSingleton<FalLinks>();
        builder.Services.AddSingleton<OwnRequests>();
        builder.Services.AddSingleton<SubmitRequest>();
        builder.Services.AddSingleton<RunModel>();
        builder.Services.AddSingleton<ShowStatus>();
        builder.Services.AddSingleton<StreamStatus>();
        builder.Services.AddSingleton<ShowResult>();
        builder.Services.AddSingleton<CancelRequest>();
        builder.Services.AddSingleton<UploadSeal>();
        builder.Services.AddSingleton<InitiateUpload>();
        builder.Services.AddSingleton<ReceiveUpload>();
        builder.Services.AddSingleton<ShowFile>();
    }

    public static void MapFalProtocol(this IEndpointRouteBuilder routes)
    {
        string[] methods = [HttpMethods.Get, HttpMethods.Post, HttpMethods.Put];
        var calls = routes.MapGroup("").ExcludeFromDescription();
        calls.MapMethods(FalRoutes.Proxy, methods, AnswerCall.Handle).WithMetadata(FalDoor.Proxy).RequireAuthorization(AccessPolicy.Jobs).StaysOpen(IsLong);
        // Addresses that replies lead to are signed: some clients follow them without their credential.
        calls.MapMethods($"{FalRoutes.Queue}/{{**rest}}", methods, AnswerCall.Handle).WithMetadata(FalDoor.Queue).RequireAuthorization(AccessPolicy.JobsOrLink).StaysOpen(IsLong);
        calls.MapMethods($"{FalRoutes.Run}/{{**rest}}", methods, AnswerCall.Handle).WithMetadata(FalDoor.Run).RequireAuthorization(AccessPolicy.Jobs).StaysOpen(IsLong);

        var sealedAddresses = routes.MapGroup("").AllowAnonymous().ExcludeFromDescription();
        sealedAddresses.MapPut($"{FalRoutes.Uploads}/{{permit}}", ReceiveUpload.Handle);
        sealedAddresses.MapMethods($"{FalRoutes.Files}/{{id}}/{{seal}}", [HttpMethods.Get, HttpMethods.Head], ShowFile.Handle);
    }

    private static bool IsLong(HttpRequest request) => FalCall.Of(request.HttpContext)?.StaysOpen(request) is true;
}
