using KlingProxy.Http.Wire;
using KlingProxy.Ids;
using KlingProxy.Spending.Ledger;

namespace KlingProxy.Tests.Http.Wire;

/// <summary>The texts are of a version before: callers hold such, and they go on naming the same place.</summary>
public sealed class KeysetCursorTests
{
    private const string Id = "job_0190000000007000a000000000000001",
        OfAJob = "NjM5MjExODQ0OTY3NjU0MzIxLmpvYl8wMTkwMDAwMDAwMDA3MDAwYTAwMDAwMDAwMDAwMDAwMQ",
        OfAnEntry = "NjM5MjExODQ0OTY3NjU0MzIxLmpvYl8wMTkwMDAwMDAwMDA3MDAwYTAwMDAwMDAwMDAwMDAwMS5TZXR0bGVtZW50",
        OfAHold = "NjM5MjExODQ0OTY3NjU0MzIxLmpvYl8wMTkwMDAwMDAwMDA3MDAwYTAwMDAwMDAwMDAwMDAwMS5Ib2xk",
        AtTheEndOfTime = "MzE1NTM3ODk3NTk5OTk5OTk5OS4";

    private static readonly DateTimeOffset At = new DateTimeOffset(2026, 8, 1, 12, 34, 56, TimeSpan.Zero).AddTicks(7654321);

    private static readonly LedgerEntry Entry = new(new JobId(Id), null, new CallerId("key_1"), "model", LedgerKind.Settlement, 2.10m, false, new DateOnly(2026, 8, 1), At);

    [Fact]
    public void Is_written_as_ever()
    {
        Assert.Equal(OfAJob, new KeysetCursor(At, Id).ToString());
        Assert.Equal(OfAJob, new KeysetCursor(At.ToOffset(TimeSpan.FromHours(2)), Id).ToString());
        Assert.Equal(OfAnEntry, Entry.Place.ToString());
        Assert.Equal(OfAHold, (Entry with { Kind = LedgerKind.Hold }).Place.ToString());
        Assert.Equal(AtTheEndOfTime, new KeysetCursor(DateTimeOffset.MaxValue, "").ToString());
    }

    [Fact]
    public void Is_read_as_ever()
    {
        Assert.Equal(new KeysetCursor(At, Id), KeysetCursor.Parse(OfAJob));
        Assert.Equal(new KeysetCursor(DateTimeOffset.MaxValue, ""), KeysetCursor.Parse(AtTheEndOfTime));
        Assert.Equal(Entry.Place, KeysetCursor.Parse<LedgerKind>(OfAnEntry));
        Assert.Equal((Entry with { Kind = LedgerKind.Hold }).Place, KeysetCursor.Parse<LedgerKind>(OfAHold));
    }

    [Theory]
    [InlineData("")]
    [InlineData("x")]
    [InlineData("*")]
    [InlineData("bm9wZQ")] // nope
    [InlineData("OTk5OTk5OTk5OTk5OTk5OTk5OTkuYQ")] // 99999999999999999999.a
    [InlineData("MzE1NTM3ODk3NTk5OTk5OTk5OTkuYQ")] // 31553789759999999999.a
    [InlineData("LTEuYQ")] // -1.a
    [InlineData("MS5hIGI")] // 1.a b
    [InlineData("MS5hLkhvbGQuSG9sZA")] // 1.a.Hold.Hold
    [InlineData("MS5hLk5vdGhpbmc")] // 1.a.Nothing
    [InlineData("MS5hLjk5")] // 1.a.99
    public void Nothing_else_is_one(string text)
    {
        Assert.Null(KeysetCursor.Parse(text));
        Assert.Null(KeysetCursor.Parse<LedgerKind>(text));
    }

    [Fact]
    public void One_list_does_not_read_the_others()
    {
        Assert.Null(KeysetCursor.Parse(OfAnEntry));
        Assert.Null(KeysetCursor.Parse<LedgerKind>(OfAJob));
    }
}
