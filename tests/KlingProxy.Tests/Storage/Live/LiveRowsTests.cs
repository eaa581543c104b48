using KlingProxy.Storage.Live;

using Microsoft.Extensions.Time.Testing;

namespace KlingProxy.Tests.Storage.Live;

/// <summary>What is remembered of rows, in every order in which reads, our writes and others' can meet.</summary>
public sealed class LiveRowsTests
{
    private readonly FakeTimeProvider clock = new();
    private readonly LiveTrust trust;
    private readonly LiveRows<string> rows;
    private int reads;

    public LiveRowsTests()
    {
        trust = new LiveTrust(clock);
        trust.Heard(clock.GetTimestamp());
        rows = new LiveRows<string>(trust, capacity: 16 * 4, text => text.Length);
    }

    [Fact]
    public async Task What_was_read_is_not_read_again()
    {
        Assert.Equal(["one", "one"], [await Find("one"), await Find("two")]);
        Assert.Equal(1, reads);
    }

    [Fact]
    public async Task Absence_is_asked_again()
    {
        Assert.Equal([null, "now"], [await Find(null), await Find("now")]);
    }

    /// <summary>Whatever happens between the reading of a row and its keeping: only where nothing did, it is kept.</summary>
    [Theory]
    [InlineData("nothing", "old")]
    [InlineData("held", "new")]
    [InlineData("held and released", "new")]
    [InlineData("held and given up", "new")]
    [InlineData("dropped", "new")]
    [InlineData("all dropped", "new")]
    public async Task A_row_that_is_written_while_it_is_read_is_read_again(string meanwhile, string then)
    {
        var write = rows.Write("row", null);

        await rows.Find("row", () =>
        {
            if (meanwhile.StartsWith("held", StringComparison.Ordinal))
                write.Hold();
            if (meanwhile is "held and released" or "held and given up")
                write.Release(isCommitted: meanwhile is "held and released");
            if (meanwhile is "dropped")
                rows.Drop("row");
            if (meanwhile is "all dropped")
                rows.DropAll();
            return Task.FromResult<string?>("old");
        });

        Assert.Equal(then, await Find("new"));
    }

    [Fact]
    public async Task A_held_row_is_read_by_everybody_and_kept_by_nobody()
    {
        await Find("old");
        var write = rows.Write("row", "written");
        write.Hold();

        Assert.Equal(["old", "new"], [await Find("old"), await Find("new")]);
        write.Release(isCommitted: true);
        Assert.Equal("written", await Find("read"));
    }

    [Theory]
    [InlineData(true, "ours")]
    [InlineData(false, "read")]
    public async Task A_released_row_is_kept_as_it_was_written_if_it_was(bool isCommitted, string then)
    {
        var write = rows.Write("row", "ours");
        write.Hold();
        write.Release(isCommitted);

        Assert.Equal(then, await Find("read"));
    }

    [Theory]
    [InlineData("row")]
    [InlineData("")]
    public async Task What_another_wrote_after_our_commit_is_not_covered_by_what_we_wrote(string dropped)
    {
        var write = rows.Write("row", "ours");
        write.Hold();
        if (dropped.Length > 0)
            rows.Drop(dropped);
        else
            rows.DropAll();
        write.Release(isCommitted: true);

        Assert.Equal("theirs", await Find("theirs"));
    }

    [Fact]
    public async Task Of_several_writes_of_a_transaction_the_last_stands()
    {
        var written = new LiveWrites();
        written.Add(rows.Write("row", "first"));
        var later = new LiveWrites();
        later.Add(rows.Write("row", "last"));
        written.Add(later);

        written.Hold();
        written.Release(isCommitted: true);

        Assert.Equal("last", await Find("read"));
        written.Release(isCommitted: false); // in vain: it was released
        Assert.Equal("last", await Find("read"));
    }

    [Fact]
    public async Task Nothing_is_believed_for_longer_than_promised_and_what_was_heard_since_counts()
    {
        await Find("kept");

        clock.Advance(LiveTrust.Promise - TimeSpan.FromTicks(1));
        Assert.Equal("kept", await Find("read"));
        clock.Advance(TimeSpan.FromTicks(1));
        Assert.Equal(["read", null], [await Find("read"), rows.Kept("row")]);
        trust.Heard(clock.GetTimestamp());
        Assert.Equal("kept", await Find("read")); // nothing was missed: whoever wrote it would have been heard
        trust.Lose();
        Assert.Equal("read", await Find("read"));
    }

    [Fact]
    public async Task Little_is_kept_of_many_and_it_is_what_was_asked_for_last()
    {
        var often = "0";
        for (var number = 0; number < 10_000; number++)
        {
            await rows.Find($"{number}", () => Task.FromResult<string?>("row"));
            await rows.Find(often, () => Task.FromResult<string?>("row"));
        }

        Assert.NotNull(rows.Kept(often));
        Assert.InRange(Enumerable.Range(0, 10_000).Count(number => rows.Kept($"{number}") is not null), 16, 16 * 6);
    }

    [Fact]
    public async Task Who_owns_the_database_always_knows()
    {
        var own = new LiveRows<string>(LiveTrust.OfOwner, 16, _ => 1);

        await own.Find("row", () => Task.FromResult<string?>("kept"));

        Assert.Equal("kept", await own.Find("row", () => Task.FromResult<string?>("read")));
    }

    private async Task<string?> Find(string? stored)
    {
        return await rows.Find("row", () =>
        {
            reads++;
            return Task.FromResult(stored);
        });
    }
}
