using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;

using Microsoft.Extensions.Time.Testing;

namespace KlingProxy.Sandbox.Tests;

/// <summary>A sandbox with a clock to turn, and a client that holds its key.</summary>
internal sealed class Twin : IAsyncDisposable
{
    public const string Endpoint = "/fal-ai/kling-video/o3/4k/image-to-video";

    public required FalSandbox Fal { get; init; }
    public required FakeTimeProvider Clock { get; init; }
    public required HttpClient Http { get; init; }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public static async Task<Twin> Start(Func<SandboxOptions, SandboxOptions>? with = null)
    {
        var clock = new FakeTimeProvider(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
        var options = new SandboxOptions { Clock = clock };
        var fal = await FalSandbox.Start(with is null ? options : with(options), Cancel);
        var http = new HttpClient { BaseAddress = fal.Url };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Key", fal.Key);
        return new Twin { Fal = fal, Clock = clock, Http = http };
    }

    public Task<HttpResponseMessage> Post(JsonNode input, string query = "", Action<HttpRequestHeaders>? headers = null, string path = Endpoint)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, path + query) { Content = new StringContent(input.ToJsonString(), Encoding.UTF8, "application/json") };
        headers?.Invoke(request.Headers);
        return Http.SendAsync(request, Cancel);
    }

    /// <summary>The request id of an accepted job.</summary>
    public async Task<string> Submit(JsonNode? input = null, Uri? webhook = null, string path = Endpoint)
    {
        using var response = await Post(input ?? Given.Input(), webhook is null ? "" : $"?fal_webhook={Uri.EscapeDataString(webhook.AbsoluteUri)}", path: path);
        Assert.Equal(200, (int)response.StatusCode);
        return (string)(await Json(response))["request_id"]!;
    }

    /// <summary>A job whose time is over.</summary>
    public async Task<string> Complete(JsonNode? input = null, Uri? webhook = null)
    {
        var id = await Submit(input, webhook);
        Clock.Advance(TimeSpan.FromSeconds(240));
        return id;
    }

    public Task<HttpResponseMessage> Result(string id) => Http.GetAsync($"/fal-ai/kling-video/requests/{id}", Cancel);

    public Task<HttpResponseMessage> Status(string id, string query = "") => Http.GetAsync($"/fal-ai/kling-video/requests/{id}/status{query}", Cancel);

    public Task<HttpResponseMessage> CancelJob(string id) => Http.PutAsync($"/fal-ai/kling-video/requests/{id}/cancel", null, Cancel);

    /// <summary>What the Platform API lists for <see cref="Endpoint"/>.</summary>
    public Task<HttpResponseMessage> Requests(string query = "") => Http.GetAsync($"/v1/models/requests/by-endpoint?endpoint_id={Endpoint[1..]}{query}", Cancel);

    public Task<HttpResponseMessage> Usage(string query = "")
    {
        var request = new HttpRequestMessage(HttpMethod.Get, $"/v1/models/usage{query}");
        request.Headers.Authorization = new AuthenticationHeaderValue("Key", Fal.AdminKey);
        return Http.SendAsync(request, Cancel);
    }

    public async Task<JsonObject> StatusOf(string id, string query = "")
    {
        using var response = await Status(id, query);
        return await Json(response);
    }

    public async Task<Uri> VideoOf(string id)
    {
        using var response = await Result(id);
        return new Uri((string)(await Json(response))["video"]!["url"]!);
    }

    public static async Task<JsonObject> Json(HttpResponseMessage response) =>
        JsonNode.Parse(await response.Content.ReadAsStringAsync(Cancel))!.AsObject();

    public static string? Header(HttpResponseMessage response, string name) =>
        response.Headers.TryGetValues(name, out var values) ? values.Single() : null;

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await Fal.DisposeAsync();
    }
}
