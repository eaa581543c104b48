using System.Runtime.CompilerServices;

using KlingProxy.Jobs;

using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace KlingProxy.Tests;

/// <summary>A world whose service, too, has a clock that stands still until a test turns it.</summary>
public class TimedFixture : ProxyFixture
{
    public FakeTimeProvider Clock { get; } = new(DateTimeOffset.UtcNow);

    protected override TimeProvider Time => Clock;

    protected override IEnumerable<(string Name, string Value)> Settings =>
    [
        ("Jobs:SubmitWait", "00:00:00"),
        ("Jobs:SweepInterval", "00:00:10"), // each sweep in a turned day is made
        ("Fal:ReadTimeout", "00:01:00"), // longer than a turn of the clock, or that would cut off whatever is in the air
    ];

    /// <summary>Turns the service's clock, step by step, until it is so.</summary>
    public Task TurnUntil(TimeSpan step, Func<Task<bool>> itIsSo, [CallerArgumentExpression(nameof(itIsSo))] string what = "") => Until(
        async () =>
        {
            if (await itIsSo())
                return true;
            Clock.Advance(step);
            return false;
        },
        what);

    /// <summary>Turns the service's clock until the job's submit, which fal does not take yet, is somewhere else. A submit in the air gets its time.</summary>
    public Task TurnWhileUnsent(string jobId, Func<bool> itIsSo) => Until(async () =>
    {
        var job = await Services.GetRequiredService<IJobStore>().Find(jobId, TestContext.Current.CancellationToken);
        if (itIsSo() || job is not { Status: JobStatus.Submitting })
            return true;
        Clock.Advance(job.DispatchedAt is null ? TimeSpan.FromSeconds(1) : TimeSpan.FromMilliseconds(50));
        return false;
    });
}
