using KlingProxy.Ids;
using KlingProxy.Jobs;
using KlingProxy.Jobs.Submitting;
using KlingProxy.Sandbox;
using KlingProxy.Tests.Fixtures;

using Microsoft.Extensions.DependencyInjection;

namespace KlingProxy.Tests.FalWebhooks;

/// <summary>A world in which fal can call. Unless somebody watches, the service asks nothing until it has heard.</summary>
public class PublicFixture : ProxyFixture
{
    /// <summary>Makes fal's signing key, so that a test can sign, too.</summary>
    public static readonly byte[] Seed = [.. Enumerable.Range(0, 32).Select(number => (byte)number)];

    protected override bool IsPublic => true;

    protected override SandboxOptions FalOptions => base.FalOptions with { SigningSeed = Seed };

    protected override IEnumerable<(string Name, string Value)> Settings => [("Jobs:FollowLinger", "00:00:00")];

    /// <summary>The job as the service has it, without looking at fal for it as a GET would.</summary>
    internal async Task<Job> Stored(string jobId) => (await Services.GetRequiredService<IJobStore>().Find(new JobId(jobId), TestContext.Current.CancellationToken))!;

    /// <summary>Turns fal's clock until the job's webhook was delivered.</summary>
    public async Task Deliver(string requestId)
    {
        LetJobsEnd();
        await Until(() => Fal.Deliveries.Any(delivery => delivery.RequestId == requestId));
    }

    internal string WebhookOf(string jobId) => Services.GetRequiredService<WebhookAddress>().For(new JobId(jobId))!.PathAndQuery;
}
