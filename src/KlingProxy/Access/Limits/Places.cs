using KlingProxy.Access.Credentials;
using KlingProxy.Ids;

namespace KlingProxy.Access.Limits;

/// <summary>Whose place it is, and how many there may be.</summary>
/// <param name="Holder">Who holds it.</param>
/// <param name="PerHolder">Of one holder, at a time.</param>
/// <param name="Crowd">Of whom there may be any number (tickets, addresses), so that all of them together have a limit, too; <c>null</c> for a holder with a
/// name.</param>
/// <param name="PerCrowd">Of one crowd, at a time.</param>
/// <param name="InAll">At a time.</param>
internal sealed record PlaceShare(string Holder, int PerHolder, string? Crowd, int PerCrowd, int InAll)
{
    /// <summary>
    /// Tickets and addresses cost nothing, so somebody may have any number of them: each has less, and all of a kind together have half of what there is.
    /// </summary>
    /// <param name="own">Of a caller with a key, or of a user of the app.</param>
    public static PlaceShare Of(Caller caller, int own, int all) =>
        caller.Kind == CallerKind.Ticket ? new(caller.Id, Math.Max(1, own / 4), "tickets", all / 2, all)
        : caller.Kind == CallerKind.Anonymous ? new(caller.Id, Math.Max(1, own / 2), "anonymous", all / 2, all)
        : new(caller.Id, own, null, 0, all);

    /// <summary>
    /// Of whoever holds a link to something of the owner's. All links of one owner are one holder, since an owner has any number of them; and not the
    /// owner itself, whose own calls no stranger with a link may close.
    /// </summary>
    public static PlaceShare OfLinksOf(Caller owner, int own, int all)
    {
        var share = Of(owner, own, all);
        return share with { Holder = $"links of {share.Holder}", Crowd = share.Crowd ?? "links", PerCrowd = all / 2 };
    }
}

/// <summary>A place that is given back once, however often somebody lets go of it.</summary>
internal sealed class HeldPlace(Places places, PlaceShare share) : IDisposable
{
    private int left;

    /// <summary>What else ends with it.</summary>
    public IDisposable? Along { get; set; }

    public void Dispose()
    {
        if (Interlocked.Exchange(ref left, 1) != 0)
            return;
        Along?.Dispose();
        places.GiveBack(share);
    }
}

/// <summary>Why there is no place; zero is that there is one.</summary>
internal enum PlaceVerdict { Taken, OwnAreTaken, AllAreTaken }

/// <summary>So many at a time, in all and for each: counts, and says when one came free.</summary>
internal sealed class Places
{
    private readonly Lock gate = new();
    private readonly Dictionary<string, int> held = [];
    private int inAll;
    private TaskCompletionSource change = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>How many are taken.</summary>
    public int Taken
    {
        get
        {
            lock (gate)
                return inAll;
        }
    }

    /// <summary>Ends when a place comes free. Ask for it before you try, or it may be over.</summary>
    public Task Change
    {
        get
        {
            lock (gate)
                return change.Task;
        }
    }

    public PlaceVerdict TryTake(PlaceShare share)
    {
        lock (gate)
        {
            if (held.GetValueOrDefault(share.Holder) >= share.PerHolder)
                return PlaceVerdict.OwnAreTaken;
            if (inAll >= share.InAll || (share.Crowd is { } crowd && held.GetValueOrDefault(crowd) >= share.PerCrowd))
                return PlaceVerdict.AllAreTaken;
            Count(share, 1);
            return PlaceVerdict.Taken;
        }
    }

    public void GiveBack(PlaceShare share)
    {
        TaskCompletionSource happened;
        lock (gate)
        {
            Count(share, -1);
            (happened, change) = (change, new(TaskCreationOptions.RunContinuationsAsynchronously));
        }
        happened.SetResult();
    }

    private void Count(PlaceShare share, int step)
    {
        inAll += step;
        foreach (var name in new[] { share.Holder, share.Crowd }.OfType<string>())
            if ((held[name] = held.GetValueOrDefault(name) + step) == 0)
                held.Remove(name); // or every address that ever called would stay
    }
}
