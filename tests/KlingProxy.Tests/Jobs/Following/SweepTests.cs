using System.Collections.Concurrent;
using System.Text.RegularExpressions;

using KlingProxy.Jobs.Following;
using KlingProxy.Tests.Fal;
using KlingProxy.Tests.Fixtures;

namespace KlingProxy.Tests.Jobs.Following;

/// <summary>How many jobs are looked at when far more are due than a batch has.</summary>
public sealed partial class SweepTests(SweepTests.SweepFixture proxy) : IClassFixture<SweepTests.SweepFixture>
{
    private const int Batch = SweepPace.Batch;

    [Fact]
    public async Task One_sweep_looks_at_all_that_is_due()
    {
        var (asked, jobs) = (new ConcurrentDictionary<string, int>(), (Batch * 3) + 1);
        proxy.Upstream.Answer = path =>
        {
            asked.AddOrUpdate(RequestId().Match(path).Value, 1, (_, before) => before + 1);
            return RawUpstream.Json(202, """{"status":"IN_PROGRESS"}""");
        };
        using var caller = await proxy.CallerOf(jobs);

        proxy.Clock.Advance(SweepFixture.Interval); // once: no second sweep comes

        await proxy.Until(() => asked.Count == jobs);
        Assert.All(asked, look => Assert.Equal(1, look.Value));
    }

    public static TheoryData<string, (int Taken, int Unanswered, int Costly)[], int> Sweeps => new()
    {
        // what is due                                    batches                                      of which it takes
        { "less than a batch",                            [(49, 0, 0), (50, 0, 0)],                    1 },
        { "nothing more",                                 [(50, 0, 0), (0, 0, 0), (50, 0, 0)],         2 },
        { "two hundred",                                  [(50, 0, 0), (50, 0, 0), (50, 0, 0), (50, 0, 0), (0, 0, 0)], 5 },
        { "more than there may be",                       [.. Enumerable.Repeat((50, 0, 0), 30)],      SweepPace.MaxBatches },
        { "some of which fal does not tell",              [(50, 25, 0), (50, 3, 0), (10, 0, 0)],       3 },
        { "while fal is in trouble",                      [(50, 26, 0), (50, 0, 0)],                   1 },
        { "then it is in trouble",                        [(50, 0, 0), (50, 50, 0), (50, 0, 0)],       2 },
        { "a few submits",                                [(50, 0, 10), (50, 0, 10), (9, 0, 0)],       3 },
        { "submits",                                      [(50, 0, 50), (50, 0, 50)],                  1 },
        { "submits among looks",                          [.. Enumerable.Repeat((50, 0, 20), 30)],     3 },
    };

    [Theory]
    [MemberData(nameof(Sweeps))]
    public void It_goes_on_while_fal_bears_it(string due, (int Taken, int Unanswered, int Costly)[] batches, int taken)
    {
        var pace = new SweepPace();

        var last = Array.FindIndex(batches, batch => !pace.GoesOn(batch.Taken, batch.Unanswered, batch.Costly));

        Assert.Equal((due, taken), (due, last + 1));
    }

    [GeneratedRegex("(?<=/requests/)[^/]+")]
    private static partial Regex RequestId();

    /// <summary>Nobody watches, and no webhook comes.</summary>
    public sealed class SweepFixture : TimedFixture
    {
        public static readonly TimeSpan Interval = TimeSpan.FromMinutes(1);

        internal RawUpstream Upstream { get; } = new() { AnswerPost = _ => RawUpstream.Json(200, $$"""{"request_id":"r-{{Guid.NewGuid():N}}","queue_position":0}""") };

        protected override IEnumerable<(string Name, string Value)> Settings => [.. base.Settings, ("Fal:QueueUrl", Upstream.Url), ("Jobs:SweepInterval", Interval.ToString())];

        public async Task<HttpClient> CallerOf(int jobs)
        {
            var caller = await this.NewCaller();
            for (var number = 0; number < jobs; number++)
                Assert.Equal(202, await caller.Call("POST /v1/jobs", Given.Order()).Status());
            await this.Until(async () => await Count(caller, "queued") == jobs);
            return caller;
        }

        public static async Task<int> Count(HttpClient caller, string status)
        {
            var (count, cursor) = (0, "");
            do
            {
                var page = await caller.Call($"GET /v1/jobs?status={status}&limit=100{cursor}").Json();
                count += page.GetProperty("data").GetArrayLength();
                cursor = page.GetProperty("next_cursor").GetString() is { } next ? $"&cursor={next}" : "";
            }
            while (cursor.Length > 0);
            return count;
        }

        public override async ValueTask DisposeAsync()
        {
            await base.DisposeAsync();
            await Upstream.DisposeAsync();
        }
    }
}
