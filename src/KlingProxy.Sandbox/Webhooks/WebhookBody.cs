using System.Text;
using System.Text.Json.Nodes;

using KlingProxy.Sandbox.Queue;

namespace KlingProxy.Sandbox.Webhooks;

internal static class WebhookBody
{
    public static byte[] Of(Job job, ResultReply answer)
    {
        var ok = answer.Status == 200;
        var withheld = ok && job.Fault is SandboxFault.PayloadNull;
        var body = new JsonObject
        {
            ["request_id"] = job.RequestId,
            ["gateway_request_id"] = job.RequestId,
            ["status"] = ok ? "OK" : "ERROR",
            ["error"] = ok ? null : $"Invalid status code: {answer.Status}",
            ["payload"] = withheld ? null : answer.Body.DeepClone(),
        };
        if (withheld) body["payload_error"] = "Response payload is not JSON serializable: the sandbox was asked to say so";
        return Encoding.UTF8.GetBytes(SpacedJson.Write(body));
    }
}
