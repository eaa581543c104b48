using KlingProxy.Access.Keys;
using KlingProxy.Access.Tickets;

namespace KlingProxy.Storage.Live;

/// <summary>
/// What every poll asks for, remembered exactly as it is committed: jobs, and the credentials that open them. Who calls is judged by it; what
/// spends or moves a job reads the database in its own transaction, and so does what another replica's word would be refused by.
/// </summary>
internal sealed class LiveState(LiveTrust trust)
{
    /// <summary>Characters of documents: some thousand jobs.</summary>
    private const long OfJobs = 4_000_000;

    private const long OfCredentials = 4096;

    public LiveRows<LiveJob> Jobs { get; } = new(trust, OfJobs, job => job.Weight);

    public LiveRows<ApiKey> Keys { get; } = new(trust, OfCredentials, _ => 1);

    public LiveRows<Ticket> Tickets { get; } = new(trust, OfCredentials, _ => 1);

    /// <summary>The id of the key or ticket that has, or had, a secret of this hash (hexadecimal). Whether it still has, it says itself.</summary>
    public LiveRows<string> IdsByHash { get; } = new(trust, 2 * OfCredentials, _ => 1);

    public void DropAll()
    {
        Jobs.DropAll();
        Keys.DropAll();
        Tickets.DropAll();
        IdsByHash.DropAll();
    }
}
