using System.Collections.Concurrent;
using System.Text.Json.Nodes;

using KlingProxy.Access.Credentials;
using KlingProxy.Access.Limits;
using KlingProxy.FalCompat;
using KlingProxy.Http.Problems;
using KlingProxy.Uploads;
using KlingProxy.Uploads.Keeping;
using KlingProxy.Uploads.Receiving;

using Microsoft.AspNetCore.Http.Features;

namespace KlingProxy.FalStorage;

/// <summary>
/// The second half of <c>storage.upload</c>: the bytes, checked on their way like those of <c>POST /v1/uploads</c>. An address takes one image; one that was
/// refused or broke off leaves nothing, and may be sent again.
/// </summary>
internal sealed class ReceiveUpload(KeepImage keep, BodyPlaces places, IUploadStore store, UploadSeal seals, TimeProvider time)
{
    /// <summary>From here on fal's clients send in parts, which begins with another call. In bytes.</summary>
    private const long MaxPieceBytes = 90 * 1024 * 1024;

    private static readonly TimeSpan MaxDrain = TimeSpan.FromMinutes(1);

    private readonly ConcurrentDictionary<string, bool> arriving = new();

    public static Task<IResult> Handle(string permit, HttpRequest request, ReceiveUpload receive, CancellationToken cancel) =>
        receive.Receive(permit, request, cancel);

    private async Task<IResult> Receive(string permit, HttpRequest request, CancellationToken cancel)
    {
        if (request.HttpContext.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
            size.MaxRequestBodySize = MaxPieceBytes;

        var name = await seals.OpenPermit(permit, cancel);
        if (await places.Enter(request.HttpContext, name is null ? Caller.Anonymous(request.HttpContext) : new Caller(name.CallerId), cancel) is { } full)
            return full.Answer();

        var refusal = UploadProblems.UploadUrlSpent.Because();
        if (name is not null && arriving.TryAdd(name.Id, true)) // or one address would fill storage with as many as come at once
        {
            try
            {
                if (await store.Find(name.CallerId, name.Id, cancel) is null)
                {
                    var image = new IncomingImage(request.Body, request.ContentLength) { Id = name.Id, HasAddress = true, KeepFor = name.KeepFor };
                    var outcome = await keep.Keep(new Caller(name.CallerId) { Credential = name.Credential }, image, cancel);
                    if (outcome.IsGranted)
                        return new CompatResponse(StatusCodes.Status200OK, new JsonObject());
                    refusal = outcome.Refusal;
                }
            }
            finally
            {
                arriving.TryRemove(name.Id, out _);
            }
        }
        await PassOver(request.Body, cancel);
        return refusal.Answer();
    }

    // Node looks for an answer only when all has been sent; before that it sees a broken connection and not a reason.
    private async Task PassOver(Stream rest, CancellationToken cancel)
    {
        using var timeout = new CancellationTokenSource(MaxDrain, time);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancel);
        try
        {
            await rest.CopyToAsync(Stream.Null, linked.Token);
        }
        catch (Exception failure) when (failure is IOException or InvalidOperationException or OperationCanceledException)
        {
            // Cut short, too slow, or more than one piece can be: the connection breaks after all.
        }
    }
}
