using System.Net.Http.Headers;

using KlingProxy.Sandbox;
using KlingProxy.Tests.FalCompat;
using KlingProxy.Tests.Fixtures;

namespace KlingProxy.Tests.EndToEnd;

/// <summary>The Sandbox as a newcomer meets it: started without a word, asked for what goes wrong, opened by whatever key there is.</summary>
public sealed class SandboxTests
{
    private static readonly TimeSpan AMinute = TimeSpan.FromMinutes(1);

    /// <summary>What fal itself would have refused at once.</summary>
    private static readonly string[] RefusedAtOnce = ["rejects", "empty-balance"];

    private static readonly string[] EndsWithoutVideo = ["completes-then-422", "stalls"];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_fault_in_a_prompt_is_that_jobs_own_and_ends_within_a_minute()
    {
        await using var proxy = await ProxyProcess.Start(new() { ["ASPNETCORE_ENVIRONMENT"] = "Development", ["Limits__InFlightPerCaller"] = "100", ["Limits__OpenStreamsPerCaller"] = "100" }, Cancel);

        var faults = SandboxFaults.ByName.Keys.Order().ToList();
        var ends = await Task.WhenAll(faults.Select(fault => End(proxy.Client, fault)).Append(End(proxy.Client, "")));

        foreach (var (fault, status, life) in ends)
        {
            Assert.Equal((fault, RefusedAtOnce.Contains(fault) ? "refused" : EndsWithoutVideo.Contains(fault) ? fault is "stalls" ? "expired" : "failed" : "completed"), (fault, status));
            Assert.True(life < AMinute, $"{fault} took {life}.");
        }
        Assert.Equal(202, await proxy.Client.Call("POST /v1/jobs", Given.Order()).Status()); // whatever befell those, nobody else is stopped
        Assert.Contains("delivery", proxy.Output, StringComparison.OrdinalIgnoreCase); // of those that were signed wrongly: the twin calls us, and we look
    }

    [Fact]
    public async Task Its_videos_can_be_opened_from_outside_and_are_read_from_within()
    {
        await using var proxy = await ProxyProcess.Start(new() { ["ASPNETCORE_ENVIRONMENT"] = "Development", ["PublicUrl"] = "https://kling.example.com/proxy" }, Cancel);

        var job = await proxy.Client.Ended((await proxy.Client.Create()).Text("id"));
        var url = job.GetProperty("video").Text("url");
        Assert.StartsWith("https://kling.example.com/proxy/files/b/", url, StringComparison.Ordinal);

        using var browser = new HttpClient { BaseAddress = proxy.Client.BaseAddress }; // in the place of kling.example.com, without a credential
        var path = url["https://kling.example.com/proxy".Length..];
        var film = await browser.GetByteArrayAsync(path, Cancel);
        using var part = await browser.Call($"GET {path}", null, ("Range", "bytes=100-199"));
        using var head = await browser.SendAsync(new HttpRequestMessage(HttpMethod.Head, path), Cancel);
        var ours = await proxy.Client.GetByteArrayAsync($"/v1/jobs/{job.Text("id")}/video", Cancel); // though nobody here can reach kling.example.com

        Assert.Equal("ftyp"u8, film.AsSpan(4, 4));
        Assert.Equal(film, ours);
        Assert.Equal((206, 100L, "video/mp4"), ((int)part.StatusCode, part.Content.Headers.ContentLength, part.Content.Headers.ContentType?.MediaType));
        Assert.Equal((200, (long)film.Length), ((int)head.StatusCode, head.Content.Headers.ContentLength));
        Assert.Equal(404, await browser.Call("GET /files/b/x/output.mp4").Status());
    }

    [Theory]
    [InlineData("Bearer kp_jobs_of_the_sandbox", 202)]
    [InlineData("Key kp_jobs_of_the_sandbox", 202)]
    [InlineData("Key anything", 202)]
    [InlineData("Key an-id:a-secret", 202)]
    [InlineData("Bearer anything", 401)]
    [InlineData("Key kp_revoked", 401)]
    [InlineData("Key kp_operator_of_the_sandbox", 403)] // it operates
    public Task In_Development_it_opens_to_what_fals_clients_send(string credential, int status) => Opens(new() { ["ASPNETCORE_ENVIRONMENT"] = "Development" }, credential, status);

    [Theory]
    [InlineData("Bearer kp_jobs_of_the_sandbox", 202)]
    [InlineData("Key anything", 401)]
    public Task Where_nobody_may_come_in_nameless_a_key_must_be_one(string credential, int status) =>
        Opens(new() { ["ASPNETCORE_ENVIRONMENT"] = "Development", ["Access__Anonymous"] = "false" }, credential, status);

    [Theory]
    [InlineData("Bearer kp_jobs_of_the_sandbox", 401)]
    [InlineData("Bearer kp_operator_of_the_sandbox", 401)]
    [InlineData("Key kp_jobs_of_the_sandbox", 401)]
    [InlineData("Key kt_anything", 401)]
    [InlineData("Bearer anything", 401)]
    [InlineData($"Key {ProxyFixture.OperatorKey}", 403)] // it operates
    [InlineData("Key an-id:a-secret", 202)]
    public Task Beyond_Development_it_opens_to_what_fals_clients_send_where_everybody_may_come_in(string credential, int status) =>
        Opens(new() { ["Fal__Mode"] = "Sandbox", ["Access__OperatorKey"] = ProxyFixture.OperatorKey, ["Access__Anonymous"] = "true" }, credential, status);

    [Fact]
    public async Task As_shipped_it_takes_whatever_key_fals_clients_have_and_promises_none_of_its_own()
    {
        await using var proxy = await ProxyProcess.Start(new() { ["Fal__Mode"] = "Sandbox", ["Access__Anonymous"] = "true" }, Cancel); // deploy/compose.sandbox.yaml
        using var fals = With(proxy, "Key anything");
        using var wrong = With(proxy, "Key kp_revoked");

        var id = (await fals.Submit(Given.Order())).Text("request_id");
        var refused = (await wrong.Call($"POST /fal/queue/{FalCalls.Model}", Given.Order()["input"]).RefusedByFal(401, "unauthorized")).Text("message");

        Assert.Equal(200, await proxy.Client.Call($"GET /v1/jobs/{id}").Status()); // the same as without a key
        Assert.Contains("Key anything", refused, StringComparison.Ordinal);
        Assert.DoesNotContain("prints", refused, StringComparison.Ordinal);
        Assert.DoesNotContain("kp_", proxy.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Beyond_Development_and_closed_it_takes_keys_alone_and_promises_none()
    {
        await using var proxy = await ProxyProcess.Start(new() { ["Fal__Mode"] = "Sandbox", ["Access__OperatorKey"] = ProxyFixture.OperatorKey }, Cancel);
        using var fals = With(proxy, "Key anything");

        var refused = (await fals.Call($"POST /fal/queue/{FalCalls.Model}", Given.Order()["input"]).RefusedByFal(401, "unauthorized")).Text("message");

        Assert.Contains("POST /v1/keys.", refused, StringComparison.Ordinal);
        Assert.DoesNotContain("Sandbox", refused, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Bearer kp_jobs_of_the_sandbox")]
    [InlineData("Key anything")]
    [InlineData("Bearer kp_operator_of_the_sandbox")]
    public Task Live_nothing_that_everybody_knows_opens_it(string credential) =>
        Opens(new() { ["ASPNETCORE_ENVIRONMENT"] = "Development", ["FAL_KEY"] = "x:y", ["Access__Anonymous"] = "true" }, credential, 401);

    [Fact]
    public async Task The_banner_prints_a_key_that_makes_a_video_and_one_that_operates()
    {
        await using var proxy = await ProxyProcess.Start(new() { ["ASPNETCORE_ENVIRONMENT"] = "Development" }, Cancel);

        using var films = With(proxy, Printed("Videos"));
        using var operates = With(proxy, Printed("Operator"));

        Assert.Equal(202, await films.Call("POST /v1/jobs", Given.Order()).Status());
        Assert.Equal(403, await films.Call("GET /v1/keys").Status());
        Assert.Equal(200, await operates.Call("GET /v1/keys").Status());

        string Printed(string what) => proxy.Output.Split('\n').Single(line => line.TrimStart().StartsWith(what, StringComparison.Ordinal)).Split("Authorization: ")[1].Trim();
    }

    private static async Task Opens(Dictionary<string, string> environment, string credential, int status)
    {
        await using var proxy = await ProxyProcess.Start(environment, Cancel);
        using var caller = With(proxy, credential);

        Assert.Equal(status, await caller.Call("POST /v1/jobs", Given.Order()).Status());
    }

    private static HttpClient With(ProxyProcess proxy, string credential)
    {
        var client = new HttpClient { BaseAddress = proxy.Client.BaseAddress };
        client.DefaultRequestHeaders.Authorization = AuthenticationHeaderValue.Parse(credential);
        return client;
    }

    private static async Task<(string Fault, string Status, TimeSpan Life)> End(HttpClient caller, string fault)
    {
        using var reply = await caller.Call("POST /v1/jobs", fault is "" ? Given.Order() : Given.OrderThat(fault));
        if (!reply.IsSuccessStatusCode)
            return (fault, "refused", TimeSpan.Zero);
        var job = await caller.Ended((await reply.Json()).Text("id"));
        return (fault, job.Text("status"), job.GetProperty("ended_at").GetDateTimeOffset() - job.GetProperty("created_at").GetDateTimeOffset());
    }
}
