using KlingProxy.Access;

namespace KlingProxy.Tests.Access;

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
}
