using KlingProxy.Access.Credentials;
using KlingProxy.Http.Bodies;
using KlingProxy.Models;
using KlingProxy.Models.Input;

namespace KlingProxy.Orders;

/// <summary>What a body asks for, and what it would cost.</summary>
internal sealed class VideoOrders(ModelCatalog catalog, IOwnImages images)
{
    public async Task<VideoOrder> Read(JsonBody body, Caller caller, CancellationToken cancel)
    {
        var own = await images.Among(caller.Id, caller.PayerId, VideoOrder.ImageUrls(body.Content, catalog), cancel);
        var order = VideoOrder.Read(body, catalog, own.ContainsKey);
        return order.Violations is [] ? order with { Request = AsFalHasThem(order.Request, own) } : order;
    }

    // An upload may have an address of ours, which means nothing to fal.
    private static VideoRequest AsFalHasThem(VideoRequest request, IReadOnlyDictionary<string, string> own) => request.Images
        .Where(image => image.Kind == ImageKind.OwnUpload && own[image.Url] != image.Url)
        .Aggregate(request, (changed, image) => changed.WithUpload(image, own[image.Url]));
}
