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
            runs.Join("job");

        Assert.Equal([4, 4, 4, 4], Enumerable.Range(0, 4).Select(_ => runs.Leave("job")));
    }

    [Fact]
    public void Begins_anew_when_all_have_left()
    {
        runs.Join("job");
        runs.Join("job");
        runs.Leave("job");
        runs.Leave("job");
        Assert.Equal(0, runs.Of("job"));

        runs.Join("job");

        Assert.Equal((1, 1), (runs.Of("job"), runs.Leave("job")));
    }
}
