using System.Net.Http.Headers;

namespace KlingProxy.Sandbox.Tests.Hosting;

public sealed class RequestRecorderTests
{
    [Theory]
    [InlineData("POST", Twin.Endpoint)]
    [InlineData("GET", "/fal-ai/kling-video/requests/none/status")]
    [InlineData("GET", "/fal-ai/kling-video/requests/none/status/stream")]
    [InlineData("GET", "/fal-ai/kling-video/requests/none")]
    [InlineData("PUT", "/fal-ai/kling-video/requests/none/cancel")]
    [InlineData("POST", "/storage/upload/initiate?storage_type=fal-cdn-v3")]
    [InlineData("GET", "/no/such/path")]
    public async Task The_key_is_asked_for_before_anything_else(string method, string path)
    {
        await using var twin = await Twin.Start();

        foreach (var credential in (string?[])[null, "Key wrong", $"Bearer {twin.Fal.Key}", twin.Fal.Key])
        {
            using var stranger = new HttpClient { BaseAddress = twin.Fal.Url };
            using var request = new HttpRequestMessage(new HttpMethod(method), path);
            if (credential is not null) request.Headers.TryAddWithoutValidation("Authorization", credential);
            using var response = await stranger.SendAsync(request, TestContext.Current.CancellationToken);

            Assert.Equal(401, (int)response.StatusCode);
            Assert.NotNull((string?)(await Twin.Json(response))["detail"]);
        }
    }

    [Fact]
    public async Task Says_that_it_is_the_sandbox()
    {
        await using var twin = await Twin.Start();

        using var response = await twin.Post(Given.Input());

        Assert.Equal("KlingProxy-Sandbox", response.Headers.Server.ToString());
    }

    [Fact]
    public async Task A_key_sent_where_none_belongs_is_ignored_and_flagged()
    {
        await using var twin = await Twin.Start();
        var id = await twin.Complete();
        var video = await twin.VideoOf(id);

        using var careful = new HttpClient();
        using var good = await careful.GetAsync(video, TestContext.Current.CancellationToken);
        var before = twin.Fal.Counts.LeakedCredentials;
        using var careless = await twin.Http.GetAsync(video, TestContext.Current.CancellationToken);

        Assert.Equal((200, 200), ((int)good.StatusCode, (int)careless.StatusCode));
        Assert.Equal((0, 1), (before, twin.Fal.Counts.LeakedCredentials));
        Assert.True(twin.Fal.Received[^1].LeaksCredential);
    }

    [Fact]
    public async Task Records_each_call_as_it_came()
    {
        await using var twin = await Twin.Start();

        using var response = await twin.Post(Given.Input(), "?fal_webhook=https%3A%2F%2Fexample.com%2Fhook", headers => headers.Add("X-Fal-Queue-Priority", "low"));

        var call = Assert.Single(twin.Fal.Received);
        Assert.Equal(SandboxOperation.Submit, call.Operation);
        Assert.Equal("POST", call.Method);
        Assert.Equal($"{Twin.Endpoint}?fal_webhook=https%3A%2F%2Fexample.com%2Fhook", call.PathAndQuery);
        Assert.Equal("low", call.Headers["x-fal-queue-priority"]);
        Assert.Equal(Given.Input().ToJsonString(), System.Text.Encoding.UTF8.GetString(call.BodyStart.Span));
        Assert.Equal(call.BodyStart.Length, call.BodyLength);
        Assert.Equal(Twin.Header(response, "x-fal-request-id"), call.RequestId);
    }

    [Fact]
    public async Task Counts_each_operation_in_all_and_for_one_job()
    {
        await using var twin = await Twin.Start();
        var other = await twin.Submit();
        var id = await twin.Complete();
        await twin.StatusOf(id);
        await twin.StatusOf(id);
        await twin.StatusOf(other);
        using var stream = await twin.Http.GetAsync($"/fal-ai/kling-video/requests/{id}/status/stream", TestContext.Current.CancellationToken);
        using var media = await twin.Http.GetAsync(await twin.VideoOf(id), TestContext.Current.CancellationToken);
        using var cancelled = await twin.CancelJob(id);
        using var keys = await twin.Http.GetAsync("/.well-known/jwks.json", TestContext.Current.CancellationToken);
        using var listing = await twin.Requests();
        using var narrowed = await twin.Requests($"&request_id={id}");
        using var usage = await twin.Usage();
        using var unknown = await twin.Http.GetAsync("/nowhere", TestContext.Current.CancellationToken);

        Assert.Equal(new SandboxCounts(1, 2, 1, 1, 1, 0, 0, 1, 0, 1, 0, 0, 1), twin.Fal.CountsFor(id));
        Assert.Equal(new SandboxCounts(2, 3, 1, 1, 1, 0, 0, 1, 1, 2, 1, 1, 2), twin.Fal.Counts);
    }

    [Fact]
    public async Task Shares_one_address_among_many_callers_at_once()
    {
        await using var twin = await Twin.Start();

        var ids = await Task.WhenAll(Enumerable.Range(0, 100).Select(_ => twin.Submit()));

        Assert.Equal(100, ids.Distinct().Count());
        Assert.Equal(100, twin.Fal.Counts.Submits);
        Assert.All(ids, id => Assert.Equal(1, twin.Fal.CountsFor(id).Submits));
    }

    [Fact]
    public async Task Uses_the_port_and_key_it_was_given()
    {
        var first = await FalSandbox.Start(cancel: TestContext.Current.CancellationToken);
        var port = first.Url.Port;
        await first.DisposeAsync();

        await using var second = await FalSandbox.Start(new SandboxOptions { Port = port, Key = "id:secret", UserId = "me" }, TestContext.Current.CancellationToken);
        using var http = new HttpClient { BaseAddress = second.Url };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Key", "id:secret");
        using var response = await http.GetAsync("/fal-ai/kling-video/requests/none/status", TestContext.Current.CancellationToken);

        Assert.Equal(new Uri($"http://127.0.0.1:{port}"), second.Url);
        Assert.Equal(("id:secret", "me"), (second.Key, second.UserId));
        Assert.Equal(404, (int)response.StatusCode);
    }
}
