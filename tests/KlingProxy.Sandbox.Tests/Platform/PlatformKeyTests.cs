namespace KlingProxy.Sandbox.Tests.Platform;

public sealed class PlatformKeyTests
{
    private const string Listing = "/v1/models/requests/by-endpoint?endpoint_id=a", Usage = "/v1/models/usage?timeframe=day";

    // path, credential, status, message
    public static TheoryData<string, string?, int, string?> Callers => new()
    {
        { Listing, "Key ordinary",    200, null },
        { Listing, "Key admin",       401, "Authentication required" },
        { Listing, "Key wrong",       401, "Authentication required" },
        { Listing, "Bearer ordinary", 401, "Authentication required" },
        { Listing, null,              401, "Authentication required" },
        { Usage,   "Key admin",       200, null },
        { Usage,   "Key ordinary",    403, "Admin API key required" },
        { Usage,   "Key wrong",       401, "Authentication required" },
        { Usage,   "Bearer admin",    401, "Authentication required" },
        { Usage,   null,              401, "Authentication required" },
    };

    [Theory, MemberData(nameof(Callers))]
    public async Task Each_call_has_its_key(string path, string? credential, int status, string? message)
    {
        await using var twin = await Twin.Start(options => options with { Key = "ordinary", AdminKey = "admin" });

        using var response = await Ask(twin, path, credential);

        var body = await Twin.Json(response);
        Assert.Equal(status, (int)response.StatusCode);
        if (message is null) return;
        Assert.Equal($$$"""{"error":{"type":"authorization_error","message":"{{{message}}}"}}""", body.ToJsonString());
    }

    [Fact]
    public async Task The_admin_key_opens_no_queue_and_is_another_one_unless_given()
    {
        await using var twin = await Twin.Start();

        using var response = await Ask(twin, "/fal-ai/kling-video/requests/none/status", $"Key {twin.Fal.AdminKey}");

        Assert.NotEqual(twin.Fal.Key, twin.Fal.AdminKey);
        Assert.Equal(401, (int)response.StatusCode);
    }

    [Theory]
    [InlineData(Listing, "Key ordinary")]
    [InlineData(Usage, "Key admin")]
    public async Task Fails_when_told_to_and_the_queue_does_not(string path, string credential)
    {
        await using var twin = await Twin.Start(options => options with { Key = "ordinary", AdminKey = "admin" });

        twin.Fal.PlatformFails = true;
        using var failed = await Ask(twin, path, credential);
        await twin.Submit();
        twin.Fal.PlatformFails = false;
        using var healed = await Ask(twin, path, credential);

        Assert.Equal((503, 200), ((int)failed.StatusCode, (int)healed.StatusCode));
    }

    private static async Task<HttpResponseMessage> Ask(Twin twin, string path, string? credential)
    {
        using var stranger = new HttpClient { BaseAddress = twin.Fal.Url };
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        if (credential is not null) request.Headers.TryAddWithoutValidation("Authorization", credential);
        return await stranger.SendAsync(request, TestContext.Current.CancellationToken);
    }
}
