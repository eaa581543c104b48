using Microsoft.Extensions.Time.Testing;

namespace KlingProxy.Tests;

/// <summary>A world whose service, too, has a clock that stands still until a test turns it.</summary>
public class TimedFixture : ProxyFixture
{
    public FakeTimeProvider Clock { get; } = new(DateTimeOffset.UtcNow);

    protected override TimeProvider Time => Clock;

    protected override IEnumerable<(string Name, string Value)> Settings => [("Jobs:SubmitWait", "00:00:00")];

    /// <summary>Turns the service's clock, step by step, until it is so.</summary>
    public Task TurnUntil(TimeSpan step, Func<Task<bool>> itIsSo) => Until(async () =>
    {
        if (await itIsSo())
            return true;
        Clock.Advance(step);
        return false;
    });
}
