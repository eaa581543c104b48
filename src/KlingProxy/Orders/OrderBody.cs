using KlingProxy.Http.Bodies;
using KlingProxy.Models;

namespace KlingProxy.Orders;

/// <summary>Reads the body that jobs and quotes share.</summary>
internal static class OrderBody
{
    /// <summary>Two images as data URIs, in base64, and some text. In bytes.</summary>
    private const long Limit = 32 * 1024 * 1024;

    /// <summary>Of an order as jobs and quotes have it, or, for fal's clients, of its input alone.</summary>
    public static Task<JsonBody> Read(HttpRequest request, CancellationToken cancel, bool isInput = false)
    {
        var catalog = request.HttpContext.RequestServices.GetRequiredService<ModelCatalog>();
        return JsonBody.Read(request, Limit, catalog.InlineFields(isInput ? [] : ["input"]), cancel);
    }
}
