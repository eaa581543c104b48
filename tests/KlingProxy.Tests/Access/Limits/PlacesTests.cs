using KlingProxy.Access.Credentials;
using KlingProxy.Access.Limits;
using KlingProxy.Ids;

namespace KlingProxy.Tests.Access.Limits;

/// <summary>So many at a time, in all and for each.</summary>
public sealed class PlacesTests
{
    private readonly Places places = new();

    [Fact]
    public void Each_has_a_share_and_all_have_a_limit()
    {
        PlaceShare alice = new("alice", 2, null, 0, 3), bob = new("bob", 2, null, 0, 3);

        Assert.Equal(
            [PlaceVerdict.Taken, PlaceVerdict.Taken, PlaceVerdict.OwnAreTaken, PlaceVerdict.Taken, PlaceVerdict.AllAreTaken],
            new[] { alice, alice, alice, bob, bob }.Select(places.TryTake));
        places.GiveBack(alice);
        Assert.Equal([PlaceVerdict.Taken, PlaceVerdict.AllAreTaken, PlaceVerdict.OwnAreTaken], new[] { bob, alice, bob }.Select(places.TryTake));
        Assert.Equal(3, places.Taken);
    }

    [Fact]
    public void A_crowd_leaves_room_for_who_has_a_name()
    {
        PlaceShare[] tickets = [.. Enumerable.Range(0, 9).Select(number => new PlaceShare($"tkt_{number}", 1, "tickets", 2, 4))];

        Assert.Equal(2, tickets.Count(ticket => places.TryTake(ticket) == PlaceVerdict.Taken));
        Assert.Equal(PlaceVerdict.AllAreTaken, places.TryTake(tickets[8]));
        Assert.Equal(PlaceVerdict.Taken, places.TryTake(new("key", 1, null, 0, 4)));
        places.GiveBack(tickets[0]);
        Assert.Equal(PlaceVerdict.Taken, places.TryTake(tickets[8]));
    }

    /// <summary>Whoever has any number of tickets and of addresses still leaves the places of the one to who has the other.</summary>
    [Theory]
    [InlineData("tkt_1", 4, "tickets")]
    [InlineData("anonymous:192.0.2.1", 8, "anonymous")]
    [InlineData("key_1", 16, null)]
    public void A_crowd_is_all_who_came_in_the_same_way(string caller, int own, string? crowd) =>
        Assert.Equal(new PlaceShare(caller, own, crowd, crowd is null ? 0 : 32, 64), PlaceShare.Of(new Caller(new CallerId(caller)), 16, 64));

    [Fact]
    public void Says_when_one_came_free()
    {
        var share = new PlaceShare("alice", 1, null, 0, 1);
        places.TryTake(share);
        var change = places.Change;

        Assert.False(change.IsCompleted);
        places.GiveBack(share);

        Assert.True(change.IsCompleted);
        Assert.False(places.Change.IsCompleted);
    }

    public static TheoryData<string, string, int, string?> OfLinks => new()
    {
        // whose                 the holder                     of it  the crowd
        { "key_a",               "links of key_a",              20,    "links" },
        { "jwt:somebody",        "links of jwt:somebody",       20,    "links" },
        { "tkt_a",               "links of tkt_a",              5,     "tickets" },
        { "anonymous:192.0.2.1", "links of anonymous:192.0.2.1", 10,   "anonymous" },
    };

    [Theory]
    [MemberData(nameof(OfLinks))]
    public void All_links_of_one_owner_are_one_holder_beside_the_owner(string owner, string holder, int max, string? crowd)
    {
        var share = PlaceShare.OfLinksOf(new Caller(new CallerId(owner)), 20, 100);

        Assert.Equal(new PlaceShare(holder, max, crowd, 50, 100), share);
        Assert.NotEqual(share.Holder, PlaceShare.Of(new Caller(new CallerId(owner)), 20, 100).Holder);
    }
}
