using System.Text.RegularExpressions;

using KlingProxy.Tests.EndToEnd;
using KlingProxy.Tests.Fixtures;

namespace KlingProxy.Tests;

/// <summary>A wait of a test ends, and says what it waited for and how everything stood.</summary>
public sealed partial class PatienceTests(TimedFixture proxy) : IClassFixture<TimedFixture>
{
    [Fact]
    public async Task What_never_comes_to_be_is_told_with_the_clocks_and_the_jobs()
    {
        using var caller = await proxy.NewCaller();
        var job = await caller.Create(Given.OrderThat("stalls"));
        await caller.Reaches(job.Text("id"), "queued");
        proxy.Clock.Advance(TimeSpan.FromHours(3));

        var failure = await Assert.ThrowsAsync<TimeoutException>(() =>
            Patience.Until(() => Task.FromResult(false), () => Task.CompletedTask, "pigs flew", proxy.Stand, atMost: TimeSpan.Zero));

        Assert.Contains("never came to be that pigs flew", failure.Message, StringComparison.Ordinal);
        Assert.Contains("fal's clock shows", failure.Message, StringComparison.Ordinal);
        Assert.Contains("the service's clock shows", failure.Message, StringComparison.Ordinal);
        Assert.Contains("03:00:00 after its start", failure.Message, StringComparison.Ordinal);
        Assert.Contains($"job id {job.Text("id")}, status queued", failure.Message, StringComparison.Ordinal);
        Assert.Contains("1 jobs, 1 of them open", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_was_begun_and_never_ends_is_told_in_the_words_of_the_test()
    {
        var never = new TaskCompletionSource<int>().Task;

        var failure = await Assert.ThrowsAsync<TimeoutException>(() => never.Within(atMost: TimeSpan.Zero));

        Assert.Contains("never came to be that never", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_world_that_cannot_say_how_it_stands_hides_nothing()
    {
        var failure = await Patience.Out("it rained", () => throw new InvalidOperationException("Struck dumb."), TimeSpan.FromSeconds(5));

        Assert.Contains("In 5 s of real time it never came to be that it rained.", failure.Message, StringComparison.Ordinal);
        Assert.Contains("could not be told: Struck dumb.", failure.Message, StringComparison.Ordinal);
    }

    /// <summary>What takes a token ends with its test at the latest; what takes none needs an end of its own.</summary>
    [Fact]
    public void No_test_waits_without_an_end() => Assert.Empty(
        from file in Directory.EnumerateFiles(Path.Combine(Repository.Root, "tests"), "*.cs", SearchOption.AllDirectories)
        let path = Path.GetRelativePath(Repository.Root, file)
        where !path.Contains("/obj/", StringComparison.Ordinal) && !path.Contains("/generated", StringComparison.Ordinal) && !path.Contains("CrashHost", StringComparison.Ordinal)
        from line in File.ReadAllLines(file)
        where Endless().IsMatch(line) && !line.Contains(".Within(", StringComparison.Ordinal) && !line.Contains("// ends:", StringComparison.Ordinal)
        select $"{path}: {line.Trim()}");

    // Waits for processes, streams and channels that were given no token; loops that ask whether something is so.
    [GeneratedRegex(@"await [^;]*\.(WaitForExitAsync|ReadToEndAsync|ReadLineAsync|ReceiveAsync)\((buffer|chunk)?\)|await \w+\.Task;|while \(!?(await )?(itIsSo|\w+\.Answers)")]
    private static partial Regex Endless();
}
