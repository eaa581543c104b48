using KlingProxy.FalCompat;
using KlingProxy.Models;
using KlingProxy.Tests.Fixtures;

using Microsoft.Extensions.DependencyInjection;

namespace KlingProxy.Tests.FalCompat;

/// <summary>What is remembered of targets is theirs who wait for a request, and bounded.</summary>
public sealed class KnownTargetsTests(ProxyFixture proxy) : IClassFixture<ProxyFixture>
{
    private const string Status = "https://queue.fal.run/fal-ai/kling-video/requests/job_1/status";

    public static TheoryData<string, bool> Targets => new()
    {
        { Status, true },
        { $"{Status}?logs=1", true },
        { $"{Status}?signature={new string('0', 400)}", true },
        { $"{Status}?signature={new string('0', 4000 - Status.Length)}", false }, // a stranger's, who wants us to keep it
        { "https://queue.fal.run/fal-ai/kling-video/requests/job_1", false },
        { "https://queue.fal.run/fal-ai/kling-video/o3/4k/image-to-video", false },
        { "https://example.com/", false },
    };

    [Theory]
    [MemberData(nameof(Targets))]
    public void A_status_is_read_once(string target, bool isKept)
    {
        var targets = new KnownTargets(proxy.Services.GetRequiredService<ModelCatalog>());

        var (first, second) = (targets.Read(target), targets.Read(target));

        Assert.Equal(first, second);
        Assert.Equal(isKept, first is not null && ReferenceEquals(first, second));
    }

    [Fact]
    public void Of_more_than_anybody_waits_for_all_are_forgotten()
    {
        var targets = new KnownTargets(proxy.Services.GetRequiredService<ModelCatalog>());
        var first = targets.Read(Status);

        for (var other = 0; other < 4096; other++)
            targets.Read(Status.Replace("job_1", $"job_x{other}", StringComparison.Ordinal));

        Assert.NotSame(first, targets.Read(Status));
    }
}
