using System.Text.Json;

using KlingProxy.Access;
using KlingProxy.Catalog;

namespace KlingProxy.Budget;

/// <summary>Reads the body that jobs and quotes share.</summary>
internal sealed class VideoOrders(ModelCatalog catalog, IOwnImages images)
{
    /// <summary>Two images as data URIs, in base64, and some text. In bytes.</summary>
    public const long BodyLimit = 32 * 1024 * 1024;

    public async Task<VideoOrder> Read(JsonElement body, Caller caller, CancellationToken cancel)
    {
        var own = await images.Among(caller.Id, VideoOrder.ImageUrls(body), cancel);
        return VideoOrder.Read(body, catalog, own.Contains);
    }
}
