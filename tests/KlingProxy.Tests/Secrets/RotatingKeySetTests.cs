using KlingProxy.Secrets;
using KlingProxy.Tests.Fixtures;

using Microsoft.Extensions.Time.Testing;

namespace KlingProxy.Tests.Secrets;

/// <summary>A set is a text here: the first, the second, …; each test says what its owner publishes.</summary>
public sealed class RotatingKeySetTests
{
    private static readonly RotationPace Pace = new(
        TimeSpan.FromHours(1), MinBetweenFetches: TimeSpan.FromMinutes(1), MinBetweenFailures: TimeSpan.FromSeconds(5));

    private readonly FakeTimeProvider clock = new(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
    private readonly SetTime time;
    private readonly List<string> outages = [];
    private readonly RotatingKeySet<string> keys;
    private Func<Task<string?>> source;
    private int fetches;

    public RotatingKeySetTests()
    {
        time = new SetTime(clock);
        source = () => Task.FromResult<string?>($"set {fetches}");
        keys = Set(Pace);
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private bool IsDown { set => source = value ? () => Task.FromResult<string?>(null) : () => Task.FromResult<string?>($"set {fetches}"); }

    [Theory]
    [InlineData(0, "set 1")]
    [InlineData(3599, "set 1")]
    [InlineData(3600, "set 2")]
    public async Task Is_kept_for_its_lifetime(int secondsLater, string expected)
    {
        Assert.Equal("set 1", await keys.Current(Cancel));
        clock.Advance(TimeSpan.FromSeconds(secondsLater));

        Assert.Equal(expected, await keys.Current(Cancel));
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(1)]
    public async Task Is_kept_as_long_wherever_somebody_sets_the_clock(int days)
    {
        Assert.Equal("set 1", await keys.Current(Cancel));

        time.Ahead = TimeSpan.FromDays(days);
        Assert.Equal("set 1", await keys.Current(Cancel));
        clock.Advance(Pace.Lifetime);

        Assert.Equal("set 2", await keys.Current(Cancel));
    }

    [Theory]
    [InlineData(0, "set 1")]
    [InlineData(59, "set 1")]
    [InlineData(60, "set 2")]
    public async Task Is_asked_for_anew_when_it_does_not_do_but_not_at_a_strangers_pace(int secondsLater, string expected)
    {
        var unfit = await keys.Current(Cancel);
        clock.Advance(TimeSpan.FromSeconds(secondsLater));

        for (var i = 0; i < 5; i++)
            Assert.Equal(expected, await keys.NewerThan(unfit!, Cancel));

        Assert.Equal(expected, await keys.Current(Cancel));
    }

    [Theory]
    [InlineData(4, 1)]
    [InlineData(5, 2)]
    public async Task Is_asked_for_soon_again_while_none_is_known(int secondsLater, int expected)
    {
        IsDown = true;
        Assert.Null(await keys.Current(Cancel));
        Assert.Null(await keys.Current(Cancel));
        clock.Advance(TimeSpan.FromSeconds(secondsLater));

        Assert.Null(await keys.Current(Cancel));

        Assert.Equal(expected, fetches);
        Assert.Equal(Enumerable.Repeat("none is known", expected), outages);
    }

    [Fact]
    public async Task Is_asked_for_at_once_again_where_failures_have_no_pace()
    {
        IsDown = true;
        var eager = Set(Pace with { MinBetweenFailures = TimeSpan.Zero });
        Assert.Null(await eager.Current(Cancel));
        IsDown = false;

        Assert.Equal("set 2", await eager.Current(Cancel));
    }

    [Fact]
    public async Task The_last_good_one_lives_through_an_outage()
    {
        var first = await keys.Current(Cancel);
        IsDown = true;
        clock.Advance(TimeSpan.FromDays(2));

        Assert.Equal(first, await keys.Current(Cancel));
        Assert.Equal(first, await keys.NewerThan(first!, Cancel));
        Assert.Equal("the last good set stays in use", Assert.Single(outages));

        IsDown = false;
        clock.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal("set 3", await keys.Current(Cancel));
    }

    [Fact]
    public async Task One_fetch_is_for_all_who_wait()
    {
        var published = Slow();
        var waiting = Enumerable.Range(0, 10).Select(_ => keys.Current(Cancel)).ToList();
        Assert.DoesNotContain(waiting, one => one.IsCompleted);
        published.SetResult("set 1");

        Assert.All(await Task.WhenAll(waiting), set => Assert.Equal("set 1", set));
        Assert.Equal(1, fetches);
    }

    [Fact]
    public async Task One_fetch_in_vain_is_for_all_who_wait_too()
    {
        var eager = Set(Pace with { MinBetweenFailures = TimeSpan.Zero });
        var published = Slow();
        var waiting = Enumerable.Range(0, 10).Select(_ => eager.Current(Cancel)).ToList();
        published.SetResult(null);

        Assert.All(await Task.WhenAll(waiting), Assert.Null);
        Assert.Equal((1, 1), (fetches, outages.Count));
    }

    [Fact]
    public async Task What_is_old_serves_on_while_somebody_else_fetches()
    {
        var old = await keys.Current(Cancel);
        clock.Advance(TimeSpan.FromHours(1));
        var published = Slow();
        var first = keys.Current(Cancel);

        Assert.Equal(old, await keys.Current(Cancel));
        var doubting = keys.NewerThan(old!, Cancel);
        Assert.False(first.IsCompleted || doubting.IsCompleted);

        published.SetResult("new");
        Assert.Equal(("new", "new"), (await first, await doubting));
    }

    [Fact]
    public async Task Whoever_hangs_up_stops_waiting_and_the_others_do_not()
    {
        using var hangsUp = new CancellationTokenSource();
        var published = Slow();
        var (gone, stays) = (keys.Current(hangsUp.Token), keys.Current(Cancel));

        await hangsUp.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => gone);
        published.SetResult("set 1");

        Assert.Equal("set 1", await stays);
    }

    [Fact]
    public async Task A_fetch_that_breaks_is_tried_again()
    {
        source = () => Task.FromException<string?>(new InvalidOperationException("broken"));
        await Assert.ThrowsAsync<InvalidOperationException>(() => keys.Current(Cancel));
        IsDown = false;
        clock.Advance(TimeSpan.FromSeconds(5));

        Assert.Equal("set 2", await keys.Current(Cancel));
    }

    private RotatingKeySet<string> Set(RotationPace pace) => new(pace, time, () =>
    {
        fetches++;
        return source();
    }, outages.Add);

    private TaskCompletionSource<string?> Slow()
    {
        var published = new TaskCompletionSource<string?>();
        source = () => published.Task;
        return published;
    }
}
