using System.Text.Json.Nodes;

using KlingProxy.Access;
using KlingProxy.Catalog;
using KlingProxy.Jobs;

namespace KlingProxy.FalProtocol;

/// <summary>The addresses in replies. They lead to us: at fal nobody knows our ids, and whoever followed them there would do so without us.</summary>
internal sealed class FalLinks(PublicAddress address)
{
    public JsonObject AddTo(JsonObject body, HttpRequest request, Job job)
    {
        var link = address.Link(request, $"{FalProtocolModule.Queue}/{KlingModel.AppOf(job.Model)}/requests/{job.Id}");
        body["response_url"] = link;
        body["status_url"] = $"{link}/status";
        body["cancel_url"] = $"{link}/cancel";
        return body;
    }

    public string Upload(HttpRequest request, string permit) => address.Link(request, $"{FalProtocolModule.Uploads}/{permit}");

    public string File(HttpRequest request, string id, string seal) => address.Link(request, $"{FalProtocolModule.Files}/{id}/{seal}");
}
