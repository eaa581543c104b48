using KlingProxy.FalCompat;

namespace KlingProxy.FalStorage;

/// <summary>Uploads of fal's own clients, unmodified: the two calls of <c>fal.storage.upload</c>, answered by what <c>/v1/uploads</c> is answered by.</summary>
internal static class FalStorageModule
{
    public static void AddFalStorage(this IHostApplicationBuilder builder)
    {
        builder.Services.AddSingleton<UploadSeal>();
        builder.Services.AddSingleton<UploadLinks>();
        builder.Services.AddSingleton<IAnswerUploads, AnswerInitiateUpload>();
        builder.Services.AddSingleton<ReceiveUpload>();
        builder.Services.AddSingleton<ShowFile>();
    }

    public static void MapFalStorage(this IEndpointRouteBuilder routes)
    {
        var sealedAddresses = routes.MapGroup("").AllowAnonymous().ExcludeFromDescription();
        sealedAddresses.MapPut($"{UploadLinks.Uploads}/{{permit}}", ReceiveUpload.Handle);
        sealedAddresses.MapMethods($"{UploadLinks.Files}/{{id}}/{{seal}}", [HttpMethods.Get, HttpMethods.Head], ShowFile.Handle);
    }
}
