using System.Security.Cryptography;

using KlingProxy.Access.Keys;
using KlingProxy.Ids;

namespace KlingProxy.Access.Tickets;

/// <summary>
/// A server's permission for one browser to spend once: one job, up to an amount, from one web page, before an hour. It goes on to open that job.
/// </summary>
internal sealed record Ticket
{
    /// <summary>Of the secret; see <see cref="KeySecret"/>.</summary>
    public const string Prefix = "kt_";

    /// <summary><c>tkt_…</c>; what its job and uploads are owned by.</summary>
    public required string Id { get; init; }

    /// <summary>The key that minted it, and pays.</summary>
    public required string KeyId { get; init; }

    public required byte[] Hash { get; init; }

    /// <summary>USD.</summary>
    public required decimal MaxCost { get; init; }

    public required string Origin { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public required DateTimeOffset ExpiresAt { get; init; }

    /// <summary>The job that it paid for.</summary>
    public JobId? JobId { get; init; }

    public static string NewId() => CallerId.TicketPrefix + RandomNumberGenerator.GetHexString(32, lowercase: true);

    /// <summary>Unspent until it expires; spent, as long as a link to its job would open that.</summary>
    public bool Opens(DateTimeOffset now, TimeSpan linkLifetime) => now < (JobId is null ? ExpiresAt : ExpiresAt + linkLifetime);
}

/// <summary>What Access needs from a database to know its tickets. A ticket is spent in the transaction that records its job, and by nothing else.</summary>
internal interface ITicketStore
{
    Task Add(Ticket ticket, CancellationToken cancel);

    Task<Ticket?> FindByHash(byte[] hash, CancellationToken cancel);
}
