using KlingProxy.Access;
using KlingProxy.Jobs;

namespace KlingProxy.Uploads;

/// <summary>Turns a data URI into an upload like any other: the same checks, the same storage, the same record.</summary>
internal sealed class InlineImages(KeepImage keep) : IInlineImages
{
    public async Task<KeptImage> Keep(Caller caller, string dataUri, string pointer, CancellationToken cancel)
    {
        using var image = new DataUriStream(dataUri);
        var outcome = await keep.Handle(caller, new IncomingImage(image, image.DecodedLength), cancel);
        return new KeptImage(outcome.Upload?.Url, outcome.Refusal?.At(pointer));
    }
}
