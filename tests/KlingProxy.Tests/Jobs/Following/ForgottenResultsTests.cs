using System.Collections.Concurrent;
using System.Text.RegularExpressions;

using KlingProxy.Jobs.Following;
using KlingProxy.Tests.Fal;

namespace KlingProxy.Tests.Jobs.Following;

/// <summary>After a long pause fal has forgotten results, and says so: that is an answer, and no trouble of fal's.</summary>
public sealed partial class ForgottenResultsTests(SweepTests.SweepFixture proxy) : IClassFixture<SweepTests.SweepFixture>
{
    [Fact]
    public async Task One_sweep_looks_at_all_of_which_fal_knows_nothing_more()
    {
        var (asked, jobs) = (new ConcurrentDictionary<string, bool>(), (SweepPace.Batch * 2) + 1);
        proxy.Upstream.Answer = path =>
        {
            asked[RequestId().Match(path).Value] = true;
            return path.Contains("/status", StringComparison.Ordinal)
                ? RawUpstream.Json(200, """{"status":"COMPLETED"}""") : RawUpstream.Json(404, """{"detail":"Request not found"}""");
        };
        using var caller = await proxy.CallerOf(jobs);
        proxy.Clock.Advance(SweepTests.SweepFixture.Interval);
        await proxy.Until(async () => await SweepTests.SweepFixture.Count(caller, "finalizing") == jobs);

        asked.Clear();
        proxy.Clock.Advance(SweepTests.SweepFixture.Interval);

        await proxy.Until(() => asked.Count == jobs);
    }

    [GeneratedRegex("(?<=/requests/)[^/]+")]
    private static partial Regex RequestId();
}
