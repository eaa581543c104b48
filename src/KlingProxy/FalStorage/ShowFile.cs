using KlingProxy.Http.Problems;
using KlingProxy.Uploads;

namespace KlingProxy.FalStorage;

/// <summary>An address that was given for a file, opened by a page that shows what was uploaded: leads to where fal has it.</summary>
internal sealed class ShowFile(IUploadStore store, UploadSeal seals)
{
    public static Task<IResult> Handle(string id, string seal, ShowFile show, CancellationToken cancel) => show.Show(id, seal, cancel);

    private async Task<IResult> Show(string id, string seal, CancellationToken cancel) =>
        await seals.OpenView(seal, cancel) is { } name && name.Id == id && await store.Find(name.CallerId, id, cancel) is { } upload
            ? TypedResults.Redirect(upload.Url, permanent: false, preserveMethod: true)
            : UploadProblems.NotFound.Because().Answer();
}
