using System.Text.Json.Nodes;

using KlingProxy.Access;
using KlingProxy.Uploads;

using Microsoft.AspNetCore.Http.Features;

namespace KlingProxy.FalProtocol;

/// <summary>The second half of <c>storage.upload</c>: the bytes, checked on their way like those of <c>POST /v1/uploads</c>. An address takes one image; one that was refused or broke off leaves nothing, and may be sent again.</summary>
internal sealed class ReceiveUpload(KeepImage keep, IUploadStore store, UploadSeal seals)
{
    /// <summary>From here on fal's clients send in parts, which begins with another call. In bytes.</summary>
    private const long LargestPiece = 90 * 1024 * 1024;

    public static Task<IResult> Handle(string permit, HttpRequest request, ReceiveUpload receive, CancellationToken cancel) => receive.Handle(permit, request, cancel);

    private async Task<IResult> Handle(string permit, HttpRequest request, CancellationToken cancel)
    {
        if (await seals.OpenPermit(permit, cancel) is not { } name || await store.Find(name.CallerId, name.Id, cancel) is not null)
            return UploadsModule.UploadUrlSpent.Because();

        if (request.HttpContext.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
            size.MaxRequestBodySize = LargestPiece;
        var outcome = await keep.Handle(new Caller(name.CallerId, false), new IncomingImage(request.Body, request.ContentLength) { Id = name.Id }, cancel);
        if (outcome.IsKept)
            return new FalAnswer(StatusCodes.Status200OK, new JsonObject());

        await PassOver(request.Body, cancel);
        return outcome.Refusal.AsProblem();
    }

    // Node looks for an answer only when all has been sent; before that it sees a broken connection and not a reason.
    private static async Task PassOver(Stream rest, CancellationToken cancel)
    {
        try
        {
            await rest.CopyToAsync(Stream.Null, cancel);
        }
        catch (Exception failure) when (failure is IOException or InvalidOperationException)
        {
            // Cut short, or more than one piece can be: the connection breaks after all.
        }
    }
}
