using KlingProxy.Ids;
using KlingProxy.Jobs.Following;

using Microsoft.Extensions.Time.Testing;

namespace KlingProxy.Tests.Jobs.Following;

/// <summary>Who waits for a job is woken when it changes, whoever else comes and goes.</summary>
public sealed class JobSignalsTests
{
    private readonly JobSignals signals = new(new FakeTimeProvider());

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("job", true)]
    [InlineData("another job", false)]
    public async Task Wakes_who_is_left_when_another_watcher_goes(string changed, bool woken)
    {
        using var stays = signals.On(new JobId("job"));
        signals.On(new JobId("job")).Dispose();
        var next = stays.Next(TimeSpan.FromMinutes(1), Cancel); // on a clock that nobody turns

        signals.Changed(new JobId(changed));

        if (woken)
            await next.Within();
        else
            Assert.False(next.IsCompleted);
    }
}
