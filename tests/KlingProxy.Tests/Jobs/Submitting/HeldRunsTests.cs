using KlingProxy.Ids;
using KlingProxy.Jobs.Submitting;

namespace KlingProxy.Tests.Jobs.Submitting;

/// <summary>How many attempts wait for one job, and how many they have been.</summary>
public sealed class HeldRunsTests
{
    private readonly HeldRuns runs = new();

    [Fact]
    public void Remembers_the_most_while_one_is_left()
    {
        for (var attempt = 1; attempt <= 4; attempt++)
            runs.Join(new JobId("job"));

        Assert.Equal([4, 4, 4, 4], Enumerable.Range(0, 4).Select(_ => runs.Leave(new JobId("job"))));
    }

    [Fact]
    public void Begins_anew_when_all_have_left()
    {
        runs.Join(new JobId("job"));
        runs.Join(new JobId("job"));
        runs.Leave(new JobId("job"));
        runs.Leave(new JobId("job"));
        Assert.Equal(0, runs.Of(new JobId("job")));

        runs.Join(new JobId("job"));

        Assert.Equal((1, 1), (runs.Of(new JobId("job")), runs.Leave(new JobId("job"))));
    }
}
