using System.Text.Json.Nodes;

using KlingProxy.Tests.Fixtures;

namespace KlingProxy.Tests.Access.Credentials;

public sealed class AnonymousTests(AnonymousTests.AnonymousFixture proxy) : IClassFixture<AnonymousTests.AnonymousFixture>
{
    [Fact]
    public async Task Lets_everyone_make_videos_where_it_is_switched_on()
    {
        using var anyone = proxy.Anyone();

        var job = await proxy.End(anyone, (await anyone.Create()).Text("id"));

        Assert.Equal("completed", job.Text("status"));
        Assert.Equal(200, await anyone.Call($"GET /v1/jobs/{job.Text("id")}/video").Status());
    }

    [Fact]
    public async Task Keeps_the_keys_to_the_operator()
    {
        using var anyone = proxy.Anyone();

        await anyone.Call("GET /v1/keys").Refused(403, "forbidden");
        await anyone.Call("POST /v1/keys", new JsonObject()).Refused(403, "forbidden");
    }

    [Fact]
    public async Task Refuses_a_wrong_credential_although_none_is_needed()
    {
        using var wrong = proxy.With("kp_wrong");

        await wrong.Call("GET /v1/jobs").Refused(401, "unauthorized");
    }

    [Fact]
    public async Task Keeps_holders_of_keys_and_the_nameless_apart()
    {
        using var anyone = proxy.Anyone();
        using var caller = await proxy.NewCaller();
        var (theirs, ours) = (await caller.Create(), await anyone.Create());

        await anyone.Call($"GET /v1/jobs/{theirs.Text("id")}").Refused(404, "job-not-found");
        await caller.Call($"GET /v1/jobs/{ours.Text("id")}").Refused(404, "job-not-found");
    }

    [Fact]
    public async Task Believes_no_forwarded_address()
    {
        using var anyone = proxy.Anyone();
        var job = await anyone.Create();

        Assert.Equal(200, await anyone.Call($"GET /v1/jobs/{job.Text("id")}", null, ("X-Forwarded-For", "203.0.113.9"), ("Forwarded", "for=203.0.113.9")).Status());
    }

    public sealed class AnonymousFixture : ProxyFixture
    {
        protected override IEnumerable<(string Name, string Value)> Settings => [("Access:Anonymous", "true")];
    }
}
