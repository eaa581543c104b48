using KlingProxy.Access.Credentials;
using KlingProxy.Http.Bodies;
using KlingProxy.Http.Problems;
using KlingProxy.Jobs.Submitting;
using KlingProxy.Models.Input;
using KlingProxy.Uploads.Receiving;

namespace KlingProxy.Uploads.Keeping;

/// <summary>Turns a data URI into an upload like any other: the same checks, the same storage, the same record.</summary>
internal sealed class InlineImages(KeepImage keep) : IInlineImages
{
    public async Task<Outcome<string>> Keep(Caller caller, DataUri image, ImageLimits limits, string pointer, CancellationToken cancel)
    {
        var incoming = IncomingImage.Of(image, limits);
        await using var bytes = incoming.Bytes;
        var outcome = await keep.Keep(caller, incoming, cancel);
        return outcome.IsGranted ? outcome.Value.Upload.Url : outcome.Refusal.At(pointer);
    }
}
