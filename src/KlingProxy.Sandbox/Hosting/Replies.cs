using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

using Microsoft.AspNetCore.Http;

namespace KlingProxy.Sandbox.Hosting;

/// <summary>The forms in which fal, or the nginx before it, answers.</summary>
internal static class Replies
{
    private static readonly JsonWriterOptions AsFalWrites = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static async Task Json(this HttpResponse response, int status, JsonNode body)
    {
        var bytes = Utf8(body);
        response.StatusCode = status;
        response.ContentType = "application/json";
        response.ContentLength = bytes.Length;
        await response.Body.WriteAsync(bytes, response.HttpContext.RequestAborted);
    }

    public static Task Detail(this HttpResponse response, int status, string detail) =>
        response.Json(status, new JsonObject { ["detail"] = detail });

    public static Task PlatformError(this HttpResponse response, int status, string type, string message) =>
        response.Json(status, new JsonObject { ["error"] = new JsonObject { ["type"] = type, ["message"] = message } });

    public static Task NotFound(this HttpResponse response) =>
        response.Json(StatusCodes.Status404NotFound, new JsonObject { ["status"] = "NOT_FOUND" });

    public static Task Nginx(this HttpResponse response, int status, string reason)
    {
        response.StatusCode = status;
        response.ContentType = "text/html";
        return response.WriteAsync(
            $"<html>\r\n<head><title>{status} {reason}</title></head>\r\n<body>\r\n" +
            $"<center><h1>{status} {reason}</h1></center>\r\n<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n",
            response.HttpContext.RequestAborted);
    }

    public static byte[] Utf8(JsonNode node)
    {
        using var bytes = new MemoryStream();
        using (var writer = new Utf8JsonWriter(bytes, AsFalWrites)) node.WriteTo(writer);
        return bytes.ToArray();
    }
}
