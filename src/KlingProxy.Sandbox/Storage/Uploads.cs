using System.Collections.Concurrent;
using System.Text.Json;
using System.Text.Json.Nodes;

using KlingProxy.Sandbox.Hosting;

using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace KlingProxy.Sandbox.Storage;

/// <summary>Presigned uploads: initiate with the key, one PUT without, then the file is public to whoever knows its URL.</summary>
internal sealed class Uploads(SandboxState state)
{
    private readonly ConcurrentDictionary<string, StoredFile> awaited = new(StringComparer.Ordinal);

    public Task Initiate(HttpContext context)
    {
        if (state.StorageFault is SandboxStorageFault.GivesNoPlace)
            return context.Response.Detail(403, "Forbidden");
        if (Read(ReceivedBody.Of(context).Body) is not { } request)
            return context.Response.Detail(422, "value is not a valid dict");

        var permit = FileStore.NewToken();
        var type = Text(request, "content_type") ?? "application/octet-stream";
        var file = new StoredFile(FileStore.NewToken(), SafeName(Text(request, "file_name")), type, Bytes: default, RequestId: null);
        awaited[permit] = file;
        return context.Response.Json(200, new JsonObject
        {
            ["upload_url"] = new Uri(state.Url, $"/storage/put/{file.Name}?signature={permit}").AbsoluteUri,
            ["file_url"] = new Uri(state.Url, file.Path).AbsoluteUri,
        });
    }

    /// <summary>Runs only once the body has arrived whole, so an upload broken off leaves nothing and may be tried again.</summary>
    public Task Put(HttpContext context)
    {
        if (state.StorageFault is { } fault)
            return Spoil(context, fault);
        if (context.Request.ContentLength is null)
            return context.Response.Detail(411, "You must provide the Content-Length HTTP header."); // as S3 does, and what is built like it
        if (!awaited.TryRemove(context.Request.Query["signature"].ToString(), out var file))
            return context.Response.Detail(403, "The upload URL was used, has expired or never existed");

        state.Files.Put(file with { Bytes = ReceivedBody.Of(context).Body, ContentType = context.Request.ContentType ?? file.ContentType });
        return Task.CompletedTask;
    }

    /// <summary>Uploads and videos alike, with Range and HEAD.</summary>
    public Task Serve(HttpContext context)
    {
        if (state.Files.Find((string?)context.GetRouteValue("token")) is not { } file || file.Name != (string?)context.GetRouteValue("name"))
            return context.Response.Detail(404, "Not Found");

        context.Response.Headers.XContentTypeOptions = "nosniff";
        return TypedResults.Bytes(file.Bytes, file.ContentType, enableRangeProcessing: true).ExecuteAsync(context);
    }

    private async Task Spoil(HttpContext context, SandboxStorageFault fault)
    {
        switch (fault)
        {
            case SandboxStorageFault.FallsSilent:
                using (var linked = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, state.Stopping))
                    await Task.Delay(Timeout.InfiniteTimeSpan, linked.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                break;
            case SandboxStorageFault.LosesBytes:
                await context.Response.Nginx(500, "Internal Server Error");
                break;
            default:
                await context.Response.Detail(403, "Forbidden");
                break;
        }
    }

    private static JsonObject? Read(ReadOnlyMemory<byte> body)
    {
        try
        {
            return JsonNode.Parse(body.Span) as JsonObject;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static string? Text(JsonObject request, string name) =>
        request[name] is JsonValue value && value.TryGetValue<string>(out var text) && text.Length > 0 ? text : null;

    private static string SafeName(string? name)
    {
        var safe = string.Concat((name ?? "").Split('/', '\\')[^1].Where(letter => char.IsAsciiLetterOrDigit(letter) || letter is '.' or '_' or '-').Take(100));
        return safe.Trim('.').Length > 0 ? safe.Trim('.') : "file";
    }
}
