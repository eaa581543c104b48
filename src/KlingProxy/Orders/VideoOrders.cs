using KlingProxy.Access.Credentials;
using KlingProxy.Http.Bodies;
using KlingProxy.Models;
using KlingProxy.Models.Input;

namespace KlingProxy.Orders;

/// <summary>Reads the body that jobs and quotes share.</summary>
internal sealed class VideoOrders(ModelCatalog catalog, IOwnImages images)
{
    /// <summary>Two images as data URIs, in base64, and some text. In bytes.</summary>
    private const long BodyLimit = 32 * 1024 * 1024;

    /// <summary>Of an order as jobs and quotes have it, or, for fal's clients, of its input alone.</summary>
    public Task<JsonBody> ReadBody(HttpRequest request, CancellationToken cancel, bool isInput = false) =>
        JsonBody.Read(request, BodyLimit, catalog.InlineFields(isInput ? [] : ["input"]), cancel);

    public async Task<VideoOrder> Read(JsonBody body, Caller caller, CancellationToken cancel)
    {
        var own = await images.Among(caller.Id, caller.PayerId, VideoOrder.ImageUrls(body.Content), cancel);
        var order = VideoOrder.Read(body, catalog, own.ContainsKey);
        return order with { Request = order.Request is { } request ? AsFalHasThem(request, own) : null };
    }

    // An upload may have an address of ours, which means nothing to fal.
    private static VideoRequest AsFalHasThem(VideoRequest request, IReadOnlyDictionary<string, string> own) => request.Images
        .Where(image => image.Kind == ImageKind.OwnUpload && own[image.Url] != image.Url)
        .Aggregate(request, (changed, image) => changed.WithUpload(image, own[image.Url]));
}
