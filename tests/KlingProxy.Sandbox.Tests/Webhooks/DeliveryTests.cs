using System.Text;
using System.Text.Json.Nodes;

using KlingProxy.Sandbox.Webhooks;

using Microsoft.Extensions.Time.Testing;

namespace KlingProxy.Sandbox.Tests.Webhooks;

public sealed class DeliveryTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_success_carries_the_output_in_spaced_and_sorted_json()
    {
        await using var receiver = await new Receiver().Listen();
        await using var twin = await Twin.Start();
        var id = await twin.Complete(webhook: receiver.Url);

        var delivery = await receiver.Next();

        var text = Encoding.UTF8.GetString(delivery.Body);
        var (url, size) = (await twin.VideoOf(id), (int)JsonNode.Parse(text)!["payload"]!["video"]!["file_size"]!);
        Assert.Equal("application/json", delivery.Headers["Content-Type"]);
        Assert.Equal(id, delivery.Headers["X-Fal-Webhook-Request-Id"]);
        Assert.Equal(
            $$$"""{"error": null, "gateway_request_id": "{{{id}}}", "payload": {"video": {"content_type": "video/mp4", "file_name": "output.mp4", "file_size": {{{size}}}, "url": "{{{url}}}"}}, "request_id": "{{{id}}}", "status": "OK"}""",
            text);
    }

    [Theory]
    [InlineData("completes-then-422", 422, "content_policy_violation")]
    [InlineData("stalls", 504, "request_timeout")]
    public async Task A_failure_carries_the_error_body(string fault, int status, string type)
    {
        await using var receiver = await new Receiver().Listen();
        await using var twin = await Twin.Start();
        using var submitted = await twin.Post(
            Given.Asking(fault), $"?fal_webhook={Uri.EscapeDataString(receiver.Url.AbsoluteUri)}", headers => headers.Add("x-fal-request-timeout", "60"));
        twin.Clock.Advance(TimeSpan.FromSeconds(240));

        var body = JsonNode.Parse((await receiver.Next()).Body)!;

        Assert.Equal("ERROR", (string?)body["status"]);
        Assert.Equal($"Invalid status code: {status}", (string?)body["error"]);
        Assert.Contains(type, body["payload"]!.ToJsonString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Tries_again_with_growing_pauses_until_2xx()
    {
        await using var receiver = await new Receiver { Answer = Receiver.Statuses(500, 404, 429, 200) }.Listen();
        await using var twin = await Twin.Start();
        var id = await twin.Complete(webhook: receiver.Url);

        foreach (var pause in (int[])[5, 10, 20])
        {
            await receiver.Next();
            twin.Clock.Advance(TimeSpan.FromSeconds(pause));
        }

        await receiver.Next();
        await twin.Fal.Settled(id, Cancel);

        Assert.Equal([(1, 500, false), (2, 404, false), (3, 429, false), (4, 200, true)],
            twin.Fal.Deliveries.Select(delivery => (delivery.Attempt, delivery.Status!.Value, delivery.IsLast)));
        Assert.Single(twin.Fal.Deliveries.Select(delivery => delivery.Body).Distinct());
    }

    [Theory]
    [InlineData(301)]
    [InlineData(302)]
    [InlineData(307)]
    [InlineData(308)]
    public async Task Gives_up_on_a_redirect_without_following_it(int redirect)
    {
        await using var receiver = await new Receiver { Answer = Receiver.Statuses(redirect) }.Listen();
        await using var twin = await Twin.Start();
        var id = await twin.Complete(webhook: receiver.Url);

        await twin.Fal.Settled(id, Cancel);

        Assert.Equal("/hook", Assert.Single(receiver.Waiting()).Path);
        Assert.True(Assert.Single(twin.Fal.Deliveries).IsLast);
    }

    [Fact]
    public async Task Tries_again_after_fifteen_silent_seconds()
    {
        var wall = new FakeTimeProvider();
        await using var receiver = await new Receiver
        {
            Answer = (count, context) => count > 1 ? Task.CompletedTask : Task.Delay(Timeout.Infinite, context.RequestAborted),
        }.Listen();
        await using var twin = await Twin.Start(options => options with { Wall = wall });
        var id = await twin.Complete(webhook: receiver.Url);

        await receiver.Next();
        wall.Advance(TimeSpan.FromSeconds(15));
        twin.Clock.Advance(TimeSpan.FromSeconds(5));
        await receiver.Next();
        await twin.Fal.Settled(id, Cancel);

        Assert.Equal([null, 200], twin.Fal.Deliveries.Select(delivery => delivery.Status));
    }

    [Fact]
    public async Task Tries_again_when_nobody_listens_and_gives_up_in_the_end()
    {
        var gone = await new Receiver().Listen();
        await gone.DisposeAsync();
        await using var twin = await Twin.Start(options => options with { Clock = new AcceleratedTime(100_000) });
        var id = await twin.Submit(webhook: gone.Url);

        await twin.Fal.Settled(id, Cancel);

        var deliveries = twin.Fal.Deliveries;
        Assert.InRange(deliveries.Count, 2, 31);
        Assert.All(deliveries, delivery => Assert.Null(delivery.Status));
        Assert.True(deliveries[^1].IsLast);
    }

    [Theory]
    [InlineData(1, 5)]
    [InlineData(2, 10)]
    [InlineData(3, 20)]
    [InlineData(7, 320)]
    [InlineData(8, 600)]
    [InlineData(31, 600)]
    public void Pauses_double_up_to_ten_minutes(int attempt, int seconds) => Assert.Equal(TimeSpan.FromSeconds(seconds), WebhookSender.PauseAfter(attempt));

    [Fact]
    public async Task Like_fal_it_can_drop_what_goes_to_loopback()
    {
        await using var receiver = await new Receiver().Listen();
        await using var twin = await Twin.Start(options => options with { DeliverToLoopback = false });
        var id = await twin.Complete(webhook: receiver.Url);

        await twin.Fal.Settled(id, Cancel);

        Assert.Empty(receiver.Waiting());
        Assert.Equal((null, true), Assert.Single(twin.Fal.Deliveries) is var dropped ? (dropped.Status, dropped.IsLast) : default);
    }

    [Theory]
    [InlineData("127.0.0.1", false)]
    [InlineData("10.1.2.3", false)]
    [InlineData("172.31.0.1", false)]
    [InlineData("172.32.0.1", true)]
    [InlineData("192.168.1.1", false)]
    [InlineData("169.254.169.254", false)]
    [InlineData("100.64.0.1", false)]
    [InlineData("0.0.0.0", false)]
    [InlineData("34.123.59.101", true)]
    [InlineData("::1", false)]
    [InlineData("::ffff:127.0.0.1", false)]
    [InlineData("fd00::1", false)]
    [InlineData("fe80::1", false)]
    [InlineData("2606:4700::1111", true)]
    public void Knows_a_public_address(string address, bool isPublic) => Assert.Equal(isPublic, PublicAddress.Is(System.Net.IPAddress.Parse(address)));

    [Fact]
    public void Escapes_as_python_does() => Assert.Equal(
        """{"a": [1, 2.50, true, null, {}, []], "b": "\u00e9\ud83d\ude00\n\"\\\u0001/<&"}""",
        SpacedJson.Write(JsonNode.Parse("""{"b":"é😀\n\"\\\u0001/<&","a":[1,2.50,true,null,{},[]]}""")));
}
