using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;

using KlingProxy.Sandbox;
using KlingProxy.Tests.Fixtures;

namespace KlingProxy.Tests.FalCompat.Repetition;

/// <summary>
/// Callers hang up at any moment and at once ask again: while the request is read, recorded, sent, answered, or a moment after. <c>HANG_UPS</c>
/// says how often; a little, unless given.
/// </summary>
public sealed class HangUpTests(HangUpTests.HangUpFixture proxy) : IClassFixture<HangUpTests.HangUpFixture>
{
    private const int AtATime = 8;

    private static readonly int Times = int.TryParse(Environment.GetEnvironmentVariable("HANG_UPS"), CultureInfo.InvariantCulture, out var times) ? times : 150;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData($"/fal/run/{FalCalls.Model}")]
    [InlineData($"/fal/queue/{FalCalls.Model}")]
    [InlineData("/v1/jobs")]
    public async Task At_no_moment_a_hang_up_buys_a_second_video(string door)
    {
        using var caller = await proxy.NewCaller();
        var longest = await Longest(caller, door);
        var (chance, wanted) = (new Random(door.Length), new ConcurrentDictionary<string, string>());
        var moments = Enumerable.Range(0, Times).Select(_ => (After: longest * chance.NextDouble(), Reset: chance.Next(2) == 0)).ToList();

        await Parallel.ForEachAsync(moments, new ParallelOptions { MaxDegreeOfParallelism = AtATime, CancellationToken = Cancel }, async (moment, _) =>
        {
            var order = Given.Order();
            using var connection = await HangUp(caller, door, order, moment.After, moment.Reset);
            var again = await Ask(caller, door, order);
            var wasAnswered = IsKept(door) && connection.Available > 0;
            wanted[order["input"]!["prompt"]!.GetValue<string>()] = $"hung up after {moment.After}{(wasAnswered ? ", with an answer" : "")}, then {again}";
        });

        var made = proxy.Fal.Jobs.CountBy(job => JsonNode.Parse(job.Input)!["prompt"]!.GetValue<string>()).ToDictionary();
        // What stood in the caller's own hands, read or not, is an answer at a door whose clients repeat nothing by themselves.
        var doubled = wanted.Where(wish => made[wish.Key] != 1 && !(IsKept(door) && wish.Value.Contains("with an answer", StringComparison.Ordinal))).ToList();
        TestContext.Current.SendDiagnosticMessage($"{door}: {Times} hang-ups within {longest}, {wanted.Count(wish => wish.Value.Contains("with an answer", StringComparison.Ordinal))} with an answer, {doubled.Count} bought twice");
        Assert.True(doubled.Count == 0, string.Join('\n', doubled.Select(wish => wish.Value).Prepend($"{doubled.Count} of {Times} bought twice")));
    }

    private static JsonNode Body(string door, JsonNode order) => door == "/v1/jobs" ? order : order["input"]!;

    // A little longer than an undisturbed call, so that some hang up after all is over.
    private static async Task<TimeSpan> Longest(HttpClient caller, string door)
    {
        var since = Stopwatch.StartNew();
        await Task.WhenAll(Enumerable.Range(0, AtATime).Select(_ => Ask(caller, door, Given.Order())));
        return since.Elapsed * 1.2;
    }

    private static async Task<string> Ask(HttpClient caller, string door, JsonNode order)
    {
        using var reply = await caller.Call($"POST {door}", Body(door, order));
        Assert.Contains((int)reply.StatusCode, new[] { 200, 202 });
        return await reply.Content.ReadAsStringAsync(Cancel);
    }

    // Where an answer that stood in the caller's own hands counts, read or not, the test has to know of every one: also of one that comes between a last look
    // and the end. So there the socket is shut down, which tells the service as much, and looked into when all is over.
    private static bool IsKept(string door) => door == "/v1/jobs";

    private async Task<Socket> HangUp(HttpClient caller, string door, JsonNode order, TimeSpan after, bool reset)
    {
        var body = Encoding.UTF8.GetBytes(Body(door, order).ToJsonString());
        var head = $"POST {door} HTTP/1.1\r\nHost: {proxy.Address.Authority}\r\nAuthorization: {caller.DefaultRequestHeaders.Authorization}\r\nContent-Type: application/json\r\nContent-Length: {body.Length}\r\n\r\n";
        var connection = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await connection.ConnectAsync(IPAddress.Loopback, proxy.Address.Port, Cancel);
        if (reset && !IsKept(door))
            connection.LingerState = new LingerOption(true, 0);
        var since = Stopwatch.StartNew();
        await connection.SendAsync(Encoding.ASCII.GetBytes(head).Concat(body).ToArray(), Cancel);
        while (since.Elapsed < after)
            await Task.Yield();
        if (IsKept(door))
            connection.Shutdown(SocketShutdown.Both);
        else
            connection.Dispose();
        return connection;
    }

    /// <summary>Jobs of a few hundredths of a second, so that the end of a run, too, is a moment at which to hang up.</summary>
    public sealed class HangUpFixture : ProxyFixture
    {
        protected override SandboxOptions FalOptions => base.FalOptions with { Clock = new AcceleratedTime(4000) };
    }
}
