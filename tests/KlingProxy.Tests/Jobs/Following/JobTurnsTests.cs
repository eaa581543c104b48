using KlingProxy.Ids;
using KlingProxy.Jobs.Following;

namespace KlingProxy.Tests.Jobs.Following;

/// <summary>One at a time for each job, and nothing is kept of a job that nobody is at.</summary>
public sealed class JobTurnsTests
{
    private static readonly JobId One = new("job_one"), Other = new("job_other");

    private readonly JobTurns turns = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Who_comes_second_waits_for_the_first_of_the_same_job_and_for_no_other()
    {
        var first = await turns.Take(One, Cancel).Within();
        var second = turns.Take(One, Cancel);
        using (await turns.Take(Other, Cancel).Within())
            Assert.False(second.IsCompleted);

        first.Dispose();

        (await second.Within()).Dispose();
        Assert.Equal(0, turns.Taken);
    }

    [Fact]
    public async Task Who_gives_up_waiting_keeps_nobody_from_the_turn()
    {
        using var givesUp = new CancellationTokenSource();
        var first = await turns.Take(One, Cancel).Within();
        var (second, third) = (turns.Take(One, givesUp.Token), turns.Take(One, Cancel));

        await givesUp.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => second.Within());
        first.Dispose();

        (await third.Within()).Dispose();
        Assert.Equal(0, turns.Taken);
    }
}
