using KlingProxy.Tests.Fixtures;

namespace KlingProxy.Tests.FalCompat;

/// <summary>The addresses in a reply, followed without any credential, as AI SDKs follow them.</summary>
public sealed class SignedAddressTests(TimedFixture proxy) : IClassFixture<TimedFixture>
{
    private static readonly string[] Names = ["response_url", "status_url", "cancel_url"];

    public static TheoryData<string, string> Abuses => new()
    {
        // address, what is done with it
        { "response_url", "another request" },
        { "response_url", "the status" },
        { "response_url", "the cancellation" },
        { "response_url", "PUT" },
        { "response_url", "POST" },
        { "response_url", "another case" },
        { "response_url", "the whole model" },
        { "status_url", "another request" },
        { "status_url", "the result" },
        { "status_url", "the stream" },
        { "status_url", "the cancellation" },
        { "status_url", "a later expiry" },
        { "status_url", "the job of /v1" },
        { "cancel_url", "another request" },
        { "cancel_url", "GET" },
        { "cancel_url", "the result" },
        { "cancel_url", "another signature" },
    };

    [Fact]
    public async Task Lead_to_the_paid_video()
    {
        using var caller = await proxy.NewFalCaller();
        using var anyone = proxy.Anyone();
        var submitted = await caller.Submit(Given.Order());
        await caller.Reaches(submitted.Text("request_id"), "queued");

        Assert.Equal(202, await anyone.Follow("GET", submitted.Text("status_url")).Status());
        Assert.Equal("Request is still in progress", (await anyone.Follow("GET", submitted.Text("response_url")).RefusedByFal(400)).Text("detail"));
        await proxy.End(caller, submitted.Text("request_id"));

        var status = await anyone.Follow("GET", $"{submitted.Text("status_url")}&logs=1").Json();
        Assert.Equal("COMPLETED", status.Text("status"));
        foreach (var address in new[] { submitted.Text("response_url"), status.Text("response_url") })
            Assert.Equal("video/mp4", (await anyone.Follow("GET", address).Json()).GetProperty("video").Text("content_type"));
    }

    [Fact]
    public async Task Cancel_the_request()
    {
        using var caller = await proxy.NewFalCaller();
        using var anyone = proxy.Anyone();
        var submitted = await caller.Submit(Given.OrderThat("stalls"));
        await caller.Reaches(submitted.Text("request_id"), "queued");

        Assert.Equal("OK", (await anyone.Follow("PUT", submitted.Text("cancel_url")).Json()).Text("status"));
        Assert.Equal("canceled", (await proxy.End(caller, submitted.Text("request_id"))).Text("status"));
    }

    [Theory]
    [MemberData(nameof(Abuses))]
    public async Task Open_nothing_else(string address, string abuse)
    {
        using var caller = await proxy.NewFalCaller();
        using var anyone = proxy.Anyone();
        var submitted = await caller.Submit(Given.OrderThat("stalls"));
        var (id, link) = (submitted.Text("request_id"), new Uri(submitted.Text(address)).PathAndQuery);
        var (path, query) = (link.Split('?')[0], link.Split('?')[1]);
        var request = $"/fal/queue/{FalCalls.App}/requests/{id}";
        var verb = address == "cancel_url" ? "PUT" : "GET";

        var call = abuse switch
        {
            "another request" => $"{verb} {link.Replace(id, (await caller.Submit(Given.OrderThat("stalls"))).Text("request_id"), StringComparison.Ordinal)}",
            "the status" => $"GET {request}/status?{query}",
            "the result" => $"GET {request}?{query}",
            "the stream" => $"GET {request}/status/stream?{query}",
            "the cancellation" => $"PUT {request}/cancel?{query}",
            "the whole model" => $"GET /fal/queue/{FalCalls.Model}/requests/{id}?{query}",
            "the job of /v1" => $"GET /v1/jobs/{id}?{query}",
            "another case" => $"GET {path.Replace("/fal/", "/FAL/", StringComparison.Ordinal)}?{query}",
            "a later expiry" => $"GET {link.Replace("expires=", "expires=9", StringComparison.Ordinal)}",
            "another signature" => $"PUT {link[..^1]}{(link[^1] == '0' ? '1' : '0')}",
            _ => $"{abuse} {link}",
        };

        Assert.Equal(401, await anyone.Call(call).Status());
        Assert.NotEqual("canceled", (await caller.Call($"GET /v1/jobs/{id}").Json()).Text("status"));
    }

    [Fact]
    public async Task Open_nothing_once_they_have_expired()
    {
        using var caller = await proxy.NewFalCaller();
        using var anyone = proxy.Anyone();
        var submitted = await caller.Submit(Given.OrderThat("stalls"));

        proxy.Clock.Advance(TimeSpan.FromHours(26));

        foreach (var name in Names)
            await anyone.Follow(name == "cancel_url" ? "PUT" : "GET", submitted.Text(name)).RefusedByFal(401, "unauthorized");
    }

    [Fact]
    public async Task Are_no_way_around_a_wrong_credential()
    {
        using var caller = await proxy.NewFalCaller();
        using var other = await proxy.NewFalCaller();
        using var wrong = proxy.With("kp_wrong");
        var submitted = await caller.Submit(Given.OrderThat("stalls"));

        await wrong.Follow("GET", submitted.Text("status_url")).RefusedByFal(401, "unauthorized");
        await other.Follow("PUT", submitted.Text("cancel_url")).RefusedByFal(404); // a credential counts, and this one's holder has no such request
    }
}
