using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Nodes;

using KlingProxy.Tests.Fixtures;

namespace KlingProxy.Tests.FalCompat;

/// <summary>Calls as Python's client and the model page's cURL make them, and what a refusal must look like to fal's clients.</summary>
internal static class FalCalls
{
    public const string Model = "fal-ai/kling-video/o3/4k/image-to-video", App = "fal-ai/kling-video";

    public const string QueueTarget = $"https://queue.fal.run/{Model}", StorageTarget = "https://rest.fal.ai/storage/upload/initiate?storage_type=fal-cdn-v3";

    /// <summary>A caller who writes their key as <c>FAL_KEY=kp_…</c> makes fal's clients write it.</summary>
    public static async Task<HttpClient> NewFalCaller(this ProxyFixture proxy)
    {
        var client = proxy.Anyone();
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Key", await proxy.NewKey());
        return client;
    }

    public static (string, string) Target(string url) => ("x-fal-target-url", url);

    /// <summary>Submits the input of an order of <see cref="Given"/>.</summary>
    public static async Task<JsonElement> Submit(this HttpClient caller, JsonNode order, params (string, string)[] headers)
    {
        using var reply = await caller.Call($"POST /fal/queue/{Model}", order["input"]!.DeepClone(), headers);
        var body = await reply.Json();
        Assert.Equal(200, (int)reply.StatusCode);
        Assert.Equal(body.Text("request_id"), Assert.Single(reply.Headers.GetValues("x-fal-request-id")));
        return body;
    }

    /// <summary>Follows an address of a reply.</summary>
    public static Task<HttpResponseMessage> Follow(this HttpClient caller, string verb, string address) => caller.Call($"{verb} {new Uri(address).PathAndQuery}");

    public static async Task<JsonElement> RefusedByFal(this Task<HttpResponseMessage> calling, int status, string? code = null)
    {
        using var reply = await calling;
        var text = await reply.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.Equal((status, "application/json", text), ((int)reply.StatusCode, reply.Content.Headers.ContentType?.MediaType, text));
        var error = JsonElement.Parse(text);
        Assert.True(error.TryGetProperty("detail", out _), text);
        Assert.NotEmpty(error.Text("message"));
        Assert.Equal((error.Text("message"), status), (error.GetProperty("error").Text("message"), error.GetProperty("error").GetProperty("code").GetInt32())); // all that AI SDKs read
        Assert.Single(reply.Headers.GetValues("x-fal-request-id"));
        if (code is not null)
            Assert.Equal(code, error.Text("code"));
        return error;
    }
}
