using System.Net.Http.Headers;

using KlingProxy.Startup;
using KlingProxy.Tests.EndToEnd;
using KlingProxy.Tests.Faults;
using KlingProxy.Tests.Fixtures;

namespace KlingProxy.Tests.Deploy;

/// <summary>Behind deploy/nginx.conf itself: whose word counts, and what strangers can do to others.</summary>
public sealed class ShippedNginxTests(ShippedNginxTests.ShippedNginxFixture proxy) : IClassFixture<ShippedNginxTests.ShippedNginxFixture>
{
    private const int PerMinute = 30;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Strangers_behind_one_address_close_nobodys_links_and_what_they_say_of_themselves_counts_for_nothing()
    {
        await using var nginx = await Nginx.StartShipped(Cancel, proxy.Address);
        using var caller = await proxy.NewCaller();
        caller.BaseAddress = nginx.Address;
        var id = (await caller.Create()).Text("id");
        await proxy.EndUnseen(id); // by no call that would count
        var job = await caller.Call($"GET /v1/jobs/{id}").Json();
        using var strangers = new HttpClient { BaseAddress = nginx.Address };

        var answers = new List<int>();
        for (var call = 0; call < PerMinute + 5; call++) // another address each time, as they say
            answers.Add(await strangers.Call("GET /v1/jobs", null, ("X-Forwarded-For", $"203.0.113.{call}"), ("X-Real-IP", $"203.0.113.{call}"), ("Forwarded", $"for=203.0.113.{call}"), ("Authorization", $"Bearer guess-{call}")).Status());

        Assert.Equal(429, answers[^1]);
        foreach (var link in new[] { "video", "events" })
            Assert.Equal(200, await strangers.Call($"GET {new Uri(job.GetProperty("links").Text(link)).PathAndQuery}").Status());
        Assert.Equal(200, await caller.Call("GET /v1/models").Status());
    }

    [Fact]
    public async Task Links_start_with_the_address_that_was_used_and_not_with_one_that_somebody_writes()
    {
        await using var nginx = await Nginx.StartShipped(Cancel, proxy.Address);
        using var caller = await proxy.NewCaller();
        caller.BaseAddress = nginx.Address;

        using var reply = await caller.Call("POST /v1/jobs", Given.Order(), ("X-Forwarded-Host", "evil.example"), ("X-Forwarded-Proto", "https"), ("X-Forwarded-Prefix", "/evil"));

        Assert.StartsWith(nginx.Address.AbsoluteUri, (await reply.Json()).GetProperty("links").Text("self"), StringComparison.Ordinal);
    }

    /// <summary>
    /// Whoever reads: nginx asks the other replica. A POST that was sent it rightly sends to nobody else, so one that waits at a listener while that closes
    /// is answered 502; it was not begun, and is safe to send again.
    /// </summary>
    [Fact]
    public async Task A_restart_of_one_replica_after_the_other_is_felt_by_no_reader()
    {
        var ports = new[] { FreePort.Next(), FreePort.Next() };
        Dictionary<string, string> settings = new() { ["ASPNETCORE_ENVIRONMENT"] = "Development", ["Limits__RequestsPerMinute"] = "1000000" };
        var replicas = await Task.WhenAll(ports.Select(port => ProxyProcess.Start(settings, Cancel, port)));
        await using var nginx = await Nginx.StartShipped(Cancel, ports.Select(port => new Uri($"http://127.0.0.1:{port}")));
        using var caller = new HttpClient { BaseAddress = nginx.Address };
        caller.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", SandboxKey.Jobs);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        var (answers, failures) = (0, new List<string>());
        var calling = Task.Run(
            async () =>
            {
                while (!stop.IsCancellationRequested)
                {
                    var status = await caller.Call(answers++ % 2 == 0 ? "GET /v1/models" : "GET /v1/account").Status();
                    if (status != 200)
                        failures.Add($"{answers}: {status}");
                }
            },
            Cancel);

        for (var restarted = 0; restarted < replicas.Length; restarted++)
        {
            Assert.Equal(0, await replicas[restarted].Terminate(Cancel));
            await replicas[restarted].DisposeAsync();
            var before = Volatile.Read(ref answers);
            await Patience.Until(() => Task.FromResult(Volatile.Read(ref answers) > before + 20), () => Task.CompletedTask, "twenty calls were made with one replica gone", () => Task.FromResult($"{answers} calls"));
            replicas[restarted] = await ProxyProcess.Start(settings, Cancel, ports[restarted]);
        }
        await stop.CancelAsync();
        await calling;
        foreach (var replica in replicas)
            await replica.DisposeAsync();

        Assert.Empty(failures);
    }

    public sealed class ShippedNginxFixture : ProxyFixture
    {
        protected override IEnumerable<(string Name, string Value)> Settings => [("Access:TrustedProxies:0", "127.0.0.1"), ("Limits:RequestsPerMinute", $"{PerMinute}")];
    }
}
