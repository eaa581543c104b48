using System.Runtime.CompilerServices;

using KlingProxy.Ids;
using KlingProxy.Jobs;

using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace KlingProxy.Tests.Fixtures;

/// <summary>
/// A world whose service, too, has a clock that stands still until a test turns it. Whoever waits for something that needs this clock keeps
/// turning it until that has happened: by <see cref="TurnUntil(TimeSpan, Func{Task{bool}}, string)"/>, or by <c>End</c>.
/// </summary>
public class TimedFixture : ProxyFixture
{
    /// <summary>Several sweeps.</summary>
    private static readonly TimeSpan CatchUp = TimeSpan.FromMinutes(1);

    public FakeTimeProvider Clock { get; } = new(DateTimeOffset.UtcNow);

    protected override TimeProvider Time => Clock;

    protected override IEnumerable<(string Name, string Value)> Settings =>
    [
        ("Jobs:SubmitWait", "00:00:00"),
        ("Jobs:SweepInterval", "00:00:10"), // each sweep in a turned day is made
        ("Fal:ReadTimeout", "00:01:00"), // longer than a turn of the clock, or that would cut off whatever is in the air
    ];

    protected override IEnumerable<(string Whose, DateTimeOffset Now, DateTimeOffset Start)> Clocks =>
        [.. base.Clocks, ("the service's", Clock.GetUtcNow(), Clock.Start)];

    /// <summary>Turns the service's clock, step by step, until it is so. No step is made past a call that is on its way.</summary>
    public Task TurnUntil(TimeSpan step, Func<Task<bool>> itIsSo, [CallerArgumentExpression(nameof(itIsSo))] string what = "") => Until(
        async () =>
        {
            if (await itIsSo())
                return true;
            Turn(Clock, step);
            return false;
        },
        what);

    public Task TurnUntil(TimeSpan step, Func<bool> itIsSo, [CallerArgumentExpression(nameof(itIsSo))] string what = "") =>
        TurnUntil(step, () => Task.FromResult(itIsSo()), what);

    /// <summary>Turns the service's clock until the job's submit, which fal does not take yet, is somewhere else.</summary>
    public Task TurnWhileUnsent(string jobId, Func<bool> itIsSo) => Until(
        async () =>
        {
            var job = await Services.GetRequiredService<IJobStore>().Find(new JobId(jobId), TestContext.Current.CancellationToken);
            if (itIsSo() || job is not { Status: JobStatus.Submitting })
                return true;
            if (job is { DispatchedAt: null, NextAttemptAt: { } due } && Clock.GetUtcNow() > due + CatchUp)
                return false; // a sweep has been due for long: on a busy machine the service needs its time, and no more of the clock's
            Turn(Clock, job.DispatchedAt is null ? TimeSpan.FromSeconds(1) : TimeSpan.FromMilliseconds(50)); // while it is sent, only as far as the next attempt
            return false;
        },
        $"job {jobId} was no longer unsent");

    /// <summary>Both clocks; ours by no more than the shortest pauses need.</summary>
    protected override void Turn()
    {
        base.Turn();
        Turn(Clock, TimeSpan.FromMilliseconds(100));
    }
}
