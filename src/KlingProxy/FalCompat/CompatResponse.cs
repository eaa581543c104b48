using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace KlingProxy.FalCompat;

/// <summary>JSON with the headers in which fal's clients look for facts. Browsers see them because CORS exposes them.</summary>
/// <param name="requestId">What the client knows the request by.</param>
internal sealed class CompatResponse(int status, JsonObject body, string? requestId = null) : IResult
{
    public const string RequestId = "x-fal-request-id", BillableUnits = "x-fal-billable-units", ErrorType = "x-fal-error-type",
        TimeoutType = "x-fal-request-timeout-type";

    public const string ContentType = "application/json";

    private static readonly JsonWriterOptions Readable = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }; // application/json with nosniff

    public int Status => status;

    public JsonObject Body => body;

    /// <summary>Besides the request's id.</summary>
    public Dictionary<string, string> Headers { get; } = [];

    /// <summary>The same with another status.</summary>
    public CompatResponse As(int other)
    {
        var answer = new CompatResponse(other, body, requestId);
        foreach (var (name, value) in Headers)
            answer.Headers[name] = value;
        return answer;
    }

    public Task ExecuteAsync(HttpContext httpContext)
    {
        var response = httpContext.Response;
        response.StatusCode = status;
        if (requestId is not null || status >= StatusCodes.Status400BadRequest)
            response.Headers[RequestId] = requestId ?? httpContext.TraceIdentifier; // what to quote when one asks about it
        foreach (var (name, value) in Headers)
            response.Headers[name] = value;
        return Write(response, body);
    }

    public static async Task Write(HttpResponse response, JsonObject body)
    {
        if (response.StatusCode >= StatusCodes.Status400BadRequest)
            body["error"] = new JsonObject { ["message"] = body["message"]?.DeepClone(), ["code"] = response.StatusCode }; // AI SDKs read nothing else
        var bytes = Utf8(body);
        response.ContentType = ContentType;
        response.ContentLength = bytes.Length;
        await response.Body.WriteAsync(bytes, response.HttpContext.RequestAborted);
    }

    public static byte[] Utf8(JsonObject body)
    {
        using var bytes = new MemoryStream();
        using (var writer = new Utf8JsonWriter(bytes, Readable))
            body.WriteTo(writer);
        return bytes.ToArray();
    }
}
