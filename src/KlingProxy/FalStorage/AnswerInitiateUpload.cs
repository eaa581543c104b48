using System.Text.Json;
using System.Text.Json.Nodes;

using KlingProxy.Access.Credentials;
using KlingProxy.FalCompat;
using KlingProxy.FalCompat.Terms;
using KlingProxy.Http.Bodies;
using KlingProxy.Http.Problems;
using KlingProxy.Models.Input;
using KlingProxy.Uploads;
using KlingProxy.Uploads.Keeping;
using KlingProxy.Uploads.Receiving;

namespace KlingProxy.FalStorage;

/// <summary>
/// The first half of <c>storage.upload</c>: names the place for the bytes and the address that stands for them. Both are ours. fal is asked for a place of
/// its own only when the bytes come and have shown what they are.
/// </summary>
internal sealed class AnswerInitiateUpload(KeepImage keep, UploadGate gate, UploadSeal seals, UploadLinks links) : IAnswerUploads
{
    /// <summary>In bytes.</summary>
    private const long BodyLimit = 16 * 1024;

    public string Known => "POST https://rest.fal.ai/storage/upload/initiate?storage_type=fal-cdn-v3";

    public async Task<IResult> Answer(CompatOperation.InitiateUpload call, HttpRequest request, Caller caller, CancellationToken cancel)
    {
        var (keepFor, fault) = CompatHeaders.ReadUpload(request.Headers);
        if (fault is not null)
            return CompatProblems.InvalidTerms.Because(fault).Answer();
        var body = await JsonBody.Read(request, BodyLimit, cancel);
        if (body.Refusal is { } refusal)
            return refusal.Answer();
        if (call.InParts)
            return ImageRefusal.TooLarge(keep.Limits).Answer(); // clients begin with parts at 90 MiB
        if (body.Content.TryGetProperty("content_type", out var type) && type.ValueKind == JsonValueKind.String && type.GetString() is { } called
            && !ImageLabel.MayBeImage(called))
            return ImageRefusal.NotCalledAnImage(keep.Limits, called).Answer();
        if (await gate.Refuse(caller, cancel) is { } closed)
            return closed.Answer();

        var upload = new UploadName(Upload.NewId(), caller.Id) { KeepFor = keepFor };
        return new CompatResponse(StatusCodes.Status200OK, new JsonObject
        {
            ["upload_url"] = links.Upload(request, await seals.Permit(upload, caller.Credential, cancel)),
            ["file_url"] = links.File(request, upload.Id, await seals.View(upload, cancel)),
        });
    }
}
