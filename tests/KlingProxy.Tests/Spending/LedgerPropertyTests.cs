using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

using KlingProxy.Sandbox;
using KlingProxy.Tests.Crash;
using KlingProxy.Tests.EndToEnd;
using KlingProxy.Tests.Fixtures;

using Microsoft.Extensions.Time.Testing;

namespace KlingProxy.Tests.Spending;

/// <summary>
/// Whatever happens, in whatever order, the ledger says what the jobs say, and in the end what fal bills. Chance chooses what happens; a number
/// that a failure prints makes the same choices again (<c>LEDGER_SEED</c>).
/// </summary>
public sealed class LedgerPropertyTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public static TheoryData<int> Seeds => int.TryParse(Environment.GetEnvironmentVariable("LEDGER_SEED"), CultureInfo.InvariantCulture, out var seed) ? [seed] : [1, 2, 3, 4];

    [Theory]
    [MemberData(nameof(Seeds))]
    public async Task The_ledger_adds_up_after_every_step_and_with_fal_in_the_end(int seed)
    {
        Component.LeaveOutOfQuick("deaths");
        await using var world = await LedgerPropertyFixture.Begin(seed);

        for (var step = 0; step < 60; step++)
        {
            var did = await world.Do(step);
            Assert.Equal((seed, step, did, ""), (seed, step, did, await world.WhatDoesNotAddUp()));
        }
        await world.Settle();

        Assert.Equal((seed, ""), (seed, await world.WhatDoesNotAddUp()));
        Assert.Equal((seed, ""), (seed, await world.WhereFalBillsSomethingElse()));
        Assert.True(world.Jobs > 10, "Chance made too few jobs to show anything.");
    }

    private sealed class LedgerPropertyFixture : IAsyncDisposable
    {
        private const string OperatorKey = "operator-of-the-tests-5b1f";

        private static readonly string[] Faults =
            ["", "", "", "", "completes-then-422", "stalls", "result-504-thrice", "loses-reply", "loses-webhook", "delivers-50", "delivers-before-reply", "payload-null", "rejects", "regresses", "drops-stream"];

        private readonly Random chance;
        private readonly FakeTimeProvider clock = new(DateTimeOffset.UtcNow);
        private readonly int port = FreePort.Next();
        private readonly CrashStore store;
        private readonly List<string> made = [];
        private FalSandbox fal = null!;
        private ProxyProcess proxy = null!;

        private LedgerPropertyFixture(int seed, CrashStore store) => (chance, this.store) = (new Random(seed), store);

        public int Jobs => made.Count;

        public static async Task<LedgerPropertyFixture> Begin(int seed)
        {
            var world = new LedgerPropertyFixture(seed, await CrashStore.Sqlite());
            world.fal = await FalSandbox.Start(new SandboxOptions { Key = ProxyFixture.CanaryKey, Clock = world.clock, FilmsFromImage = false, BillsCancelledRuns = true }, Cancel);
            await world.Start();
            return world;
        }

        /// <summary>One thing, by chance.</summary>
        /// <returns>What it was.</returns>
        public async Task<string> Do(int step)
        {
            switch (chance.Next(23))
            {
                case < 9:
                    return await Create(step);
                case < 12 when made.Count > 0:
                    var unwanted = made[chance.Next(made.Count)];
                    return $"cancel: {await proxy.Client.Call($"POST /v1/jobs/{unwanted}/cancel").Status()}";
                case < 17:
                    var time = TimeSpan.FromSeconds(chance.Next(5) switch { 0 => 1, 1 => 20, 2 => 60, 3 => 300, _ => 3700 });
                    clock.Advance(time);
                    return $"{time} pass";
                case < 18:
                    await proxy.DisposeAsync(); // by SIGKILL, wherever it is
                    await Start();
                    return "crash";
                case < 19:
                    await Operator("PUT /v1/freeze");
                    return "freeze";
                default:
                    await Operator("DELETE /v1/freeze");
                    return "unfreeze"; // more often than freeze
            }
        }

        /// <summary>Everything comes to its end; what waits for a person gets the decision that fal's bill suggests.</summary>
        public async Task Settle()
        {
            await Operator("DELETE /v1/freeze");
            var snapshot = await DatabaseSnapshot.Open(store);
            await Patience.Until(
                async () =>
                {
                    snapshot = await DatabaseSnapshot.Open(store);
                    return snapshot.Jobs.Values.All(job => job.HasEnded);
                },
                async () =>
                {
                    clock.Advance(TimeSpan.FromMinutes(10));
                    foreach (var job in snapshot.Jobs.Values.Where(job => job is { HasEnded: false, NeedsAttention: true } && !WillBeTold(job.Id)))
                        await Operator($"POST /v1/jobs/{job.Id}/resolve", new JsonObject { ["cost"] = BilledFor(job.Id).ToString(CultureInfo.InvariantCulture) });
                    await proxy.Client.Call("GET /health/live").Status();
                },
                "every job had ended",
                () => Task.FromResult($"open: {string.Join(", ", snapshot.Jobs.Values.Where(job => !job.HasEnded))}\n{proxy.Output}"));
        }

        /// <summary>Σ ledger = Σ open holds + Σ settled: job by job, in all, and as an operator is told.</summary>
        public async Task<string> WhatDoesNotAddUp()
        {
            var snapshot = await DatabaseSnapshot.Open(store);
            var wrong = snapshot.Jobs.Values
                .Where(job => job.Held != (job.HasEnded ? 0 : job.Estimate) || job.Settled != (job.Cost ?? 0))
                .Select(job => $"{job} holds {job.Held} and settled {job.Settled}; it costs {job.Cost} of {job.Estimate}").ToList();
            var usage = (await Operator("GET /v1/usage")).GetProperty("data").EnumerateArray().ToList();
            var after = await DatabaseSnapshot.Open(store); // a job may have ended between the two looks
            if (usage.Sum(row => Usd(row, "held") + Usd(row, "spent")) is var told && told != Sum(snapshot) && told != Sum(after))
                wrong.Add($"usage tells {told}, the ledger {Sum(snapshot)}");
            return string.Join("; ", wrong);
        }

        public async Task<string> WhereFalBillsSomethingElse()
        {
            var snapshot = await DatabaseSnapshot.Open(store);
            var wrong = snapshot.Jobs.Values
                .Where(job => job.CostIsEstimated ? job.Cost < BilledFor(job.Id) : job.Cost != BilledFor(job.Id))
                .Select(job => $"{job} costs {job.Cost}{(job.CostIsEstimated ? " by our guess" : "")}, fal bills {BilledFor(job.Id)}").ToList();
            var surplus = snapshot.Jobs.Values.Sum(job => (job.Cost ?? 0) - BilledFor(job.Id));
            if (snapshot.Jobs.Values.Sum(job => job.Settled) - surplus != fal.Billed.Amount)
                wrong.Add($"we settled {snapshot.Jobs.Values.Sum(job => job.Settled)}, {surplus} of it by guess; fal bills {fal.Billed.Amount}");
            return string.Join("; ", wrong);
        }

        public async ValueTask DisposeAsync()
        {
            await proxy.DisposeAsync();
            await fal.DisposeAsync();
            store.Folder!.Delete(recursive: true);
        }

        private static decimal Sum(DatabaseSnapshot snapshot) => snapshot.Jobs.Values.Sum(job => job.Held + job.Settled);

        private static decimal Usd(JsonElement row, string name) => decimal.Parse(row.Text(name), CultureInfo.InvariantCulture);

        private async Task<string> Create(int step)
        {
            var fault = Faults[chance.Next(Faults.Length)];
            var order = Given.Order($"Step {step}. {(fault.Length > 0 ? $"sandbox:{fault}" : "")}");
            order["input"]!["duration"] = chance.Next(3, 16).ToString(CultureInfo.InvariantCulture);
            using var reply = await proxy.Client.Call("POST /v1/jobs", order, ("Idempotency-Key", $"step-{step}"));
            if ((int)reply.StatusCode == 202)
                made.Add((await reply.Json()).Text("id"));
            return $"create {fault}: {(int)reply.StatusCode}";
        }

        private async Task<JsonElement> Operator(string line, JsonNode? body = null)
        {
            using var reply = await proxy.Client.Call(line, body, ("Authorization", $"Bearer {OperatorKey}"));
            return reply.Content.Headers.ContentLength == 0 ? default : reply.StatusCode == System.Net.HttpStatusCode.NoContent ? default : await reply.Json();
        }

        private bool WillBeTold(string jobId) => fal.Jobs.Any(job => job.Webhook!.Contains(jobId, StringComparison.Ordinal) && job.Fault is not SandboxFault.LosesWebhook && job.Status != "COMPLETED");

        private decimal BilledFor(string jobId) => fal.Jobs.Where(job => job.Webhook!.Contains(jobId, StringComparison.Ordinal)).Sum(job => job.Billed.Amount);

        private async Task Start() => proxy = await ProxyProcess.Start(
            new Dictionary<string, string>
            {
                ["FAL_KEY"] = ProxyFixture.CanaryKey,
                ["Fal__QueueUrl"] = fal.Url.AbsoluteUri,
                ["Fal__RestUrl"] = fal.Url.AbsoluteUri,
                ["Fal__MediaHosts__0"] = fal.Url.Authority,
                ["Access__Anonymous"] = "true",
                ["Access__OperatorKey"] = OperatorKey,
                [store.Setting.Name] = store.Setting.Value,
                ["PublicUrl"] = $"http://localhost:{port}",
                ["Budget__PerDay"] = "150", // enough for some and not for all
                ["Budget__PerCallerPerDay"] = "1000",
                ["Budget__AnonymousPerDay"] = "1000",
                ["Limits__InFlight"] = "1000",
                ["Limits__InFlightPerCaller"] = "1000",
                ["Limits__RequestsPerMinute"] = "1000000",
                ["Jobs__WebhookGrace"] = "00:00:01",
                ["Jobs__SweepInterval"] = "00:00:00.100",
                ["Jobs__PollInterval"] = "00:00:00.200",
                ["Jobs__VerdictDeadline"] = "00:01:00",
            },
            Cancel, port);
    }
}
