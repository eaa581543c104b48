using System.Text.Json.Nodes;

using KlingProxy.Access.Credentials;
using KlingProxy.Access.Network;
using KlingProxy.Jobs;
using KlingProxy.Jobs.Reading;
using KlingProxy.Models;

namespace KlingProxy.FalCompat;

/// <summary>
/// The addresses in replies. They lead to us: at fal nobody knows our ids, and whoever followed them there would do so without us. Each is signed for
/// what it is for, since AI SDKs follow them without their credential; it opens this request, and of that only what its name says.
/// </summary>
internal sealed class CompatLinks(PublicUrl address, SignedLinks links)
{
    /// <summary>What is made of a job for this request, by its name.</summary>
    public JobForm FormOf(HttpRequest request, string name) => new(name, address.BaseOf(request), links.Expiry);

    /// <summary>What the addresses of a reply to this request begin with.</summary>
    public string Base(HttpRequest request) => address.Link(request, "");

    public JsonObject AddTo(JsonObject body, HttpRequest request, Job job) => AddTo(body, Base(request), job);

    public JsonObject AddTo(JsonObject body, string at, Job job)
    {
        var path = $"{CompatRoutes.Queue}/{KlingModel.AppOf(job.Model)}/requests/{job.Id}";
        body["response_url"] = at + links.Sign(path);
        body["status_url"] = at + links.Sign($"{path}/status");
        body["cancel_url"] = at + links.Sign(HttpMethods.Put, $"{path}/cancel");
        return body;
    }
}
