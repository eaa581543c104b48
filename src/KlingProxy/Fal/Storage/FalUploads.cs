using System.Text.Json;

using KlingProxy.Fal.Calls;
using KlingProxy.Fal.Queue;
using KlingProxy.Secrets;

using Microsoft.Extensions.Options;

namespace KlingProxy.Fal.Storage;

/// <summary>fal's storage (docs/fal-contract.md §4.1): a presigned address is asked for with the key, the bytes go there without it.</summary>
internal sealed class FalUploads(FalHttp http, FalRetryingCalls reads, IOptions<FalOptions> options)
{
    /// <summary>Where the bytes go, and the address that a model reads them from.</summary>
    public sealed record Slot(Uri UploadTo, string FileUrl);

    /// <param name="keepFor">How long fal shall keep the file; as its account is set up where nobody asks.</param>
    /// <returns><c>null</c> when fal's storage gives no usable answer.</returns>
    public async Task<Slot?> Initiate(string contentType, string fileName, TimeSpan? keepFor, CancellationToken cancel)
    {
        var body = JsonSerializer.SerializeToUtf8Bytes(new InitiateUploadBody(contentType, fileName), FalJson.Default.InitiateUploadBody);
        var address = FalAddress.Rest(options.Value, "/storage/upload/initiate?storage_type=fal-cdn-v3");
        var reply = await reads.WithKey(HttpMethod.Post, address, body, Lifecycle(keepFor), cancel);
        var json = JsonReading.TryParse(reply.Body);

        return reply.IsSuccess
            && Address(json, "upload_url") is { IsSafeForSecrets: true } uploadTo
            && Address(json, "file_url") is { IsSafeForSecrets: true } file
                ? new Slot(uploadTo, file.AbsoluteUri)
                : null;
    }

    // One that something was struck out of leads nowhere.
    private static Uri? Address(JsonElement json, string name) =>
        FalText.Address(json.Text(name)) is { } address && !address.Contains(Redaction.Mask, StringComparison.Ordinal) ? new Uri(address) : null;

    // Storage knows it by the one name, its documentation by the other.
    private static (string Name, string Value)[] Lifecycle(TimeSpan? keepFor) => keepFor is { } time
        ? [("x-fal-object-lifecycle", FalTerms.Lifecycle(time)), ("x-fal-object-lifecycle-preference", FalTerms.Lifecycle(time))]
        : [];

    /// <summary>Sends the bytes once: the stream they come from can be read only once. Throws what reading <paramref name="content"/> throws.</summary>
    /// <returns>Whether storage took them.</returns>
    public async Task<bool> Put(Slot slot, HttpContent content, CancellationToken cancel)
    {
        using var request = new HttpRequestMessage(HttpMethod.Put, slot.UploadTo) { Content = content };
        using var reply = await http.WithoutKey(request, HttpCompletionOption.ResponseHeadersRead, cancel); // whatever it says beside, nobody asks
        return reply.IsSuccessStatusCode;
    }
}
