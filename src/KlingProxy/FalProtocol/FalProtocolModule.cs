using KlingProxy.Access;
using KlingProxy.Problems;

namespace KlingProxy.FalProtocol;

/// <summary>
/// fal's own clients, unmodified: a second face of the same jobs and uploads. Nothing is passed through; every call is recognised as one of a few and
/// answered by the use case that answers it under <c>/v1</c>.
/// </summary>
internal static class FalProtocolModule
{
    /// <summary>What <c>fal.config({ proxyUrl })</c> names; and fal's hosts as paths, for clients that can only be told another host.</summary>
    public const string Proxy = "/api/fal/proxy", Queue = "/fal/queue", Run = "/fal/run";

    /// <summary>Addresses that we give out for uploads.</summary>
    public const string Uploads = "/fal/uploads", Files = "/fal/files";

    public static readonly Problem
        TargetRefused = new("fal-target-refused", 400, "This is not a call that this proxy answers.", "The detail lists the calls that it does. It is no general proxy: it knows the enabled models and the caller's own requests, and forwards nothing else."),
        WrongMethod = new("fal-wrong-method", 405, "This call of fal's has another method.", "The Allow header and the detail name the right one. An input goes into the body of a POST, not into the query."),
        WebhookRefused = new("fal-webhook-refused", 400, "Nobody is called back from here yet.", "The request would be made, and you would wait for a call that never comes. Submit it without fal_webhook and follow it. Nothing was spent."),
        InvalidTerms = new("fal-invalid-terms", 400, "A header or parameter of this call cannot be honoured.", "The detail names it and says what it may be. Nothing was spent.");

    /// <summary>
    /// Whether a refusal here must be one that fal's clients can read: also where no route is, or a limit stands in front of it. Letters count as they do
    /// in routing, in either case.
    /// </summary>
    public static bool Owns(PathString path) => path.StartsWithSegments("/fal") || path.StartsWithSegments(Proxy);

    public static void AddFalProtocol(this IHostApplicationBuilder builder)
    {
        builder.Services.AddProblems(TargetRefused, WrongMethod, WebhookRefused, InvalidTerms);
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
        calls.MapMethods(Proxy, methods, AnswerCall.Handle).WithMetadata(FalDoor.Proxy).RequireAuthorization(AccessModule.Jobs).StaysOpen(IsLong);
        // Addresses that replies lead to are signed: some clients follow them without their credential.
        calls.MapMethods($"{Queue}/{{**rest}}", methods, AnswerCall.Handle).WithMetadata(FalDoor.Queue).RequireAuthorization(AccessModule.JobsOrLink).StaysOpen(IsLong);
        calls.MapMethods($"{Run}/{{**rest}}", methods, AnswerCall.Handle).WithMetadata(FalDoor.Run).RequireAuthorization(AccessModule.Jobs).StaysOpen(IsLong);

        var sealedAddresses = routes.MapGroup("").AllowAnonymous().ExcludeFromDescription();
        sealedAddresses.MapPut($"{Uploads}/{{permit}}", ReceiveUpload.Handle);
        sealedAddresses.MapMethods($"{Files}/{{id}}/{{seal}}", [HttpMethods.Get, HttpMethods.Head], ShowFile.Handle);
    }

    private static bool IsLong(HttpRequest request) => FalCall.Of(request.HttpContext)?.StaysOpen(request) is true;
}
