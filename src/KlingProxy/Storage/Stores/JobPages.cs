namespace KlingProxy.Storage.Stores;

/// <summary>
/// Pages of jobs, newest first. Each reads one stretch of one index and stops at its limit; the first page begins after the last instant there is. Who pays for
/// a job may see it, and so may the ticket that made it: both lists are read in order and merged as they are read.
/// </summary>
internal static class JobPages
{
    private const string Place = "(created_at, id) < (@at, @id)", Order = "ORDER BY created_at DESC, id DESC LIMIT @limit";

    private const string OfTicket = $"SELECT document, created_at, id FROM jobs WHERE caller_id = @caller AND caller_id <> payer_id AND {Place}";

    public const string All =
        $"""
        SELECT document, created_at, id FROM jobs WHERE payer_id = @caller AND {Place}
        UNION ALL {OfTicket} {Order}
        """;

    /// <summary>Payer and status are one key, so that no engine can take the list of all jobs instead and leave out most of it.</summary>
    public const string InStatus =
        $"""
        SELECT document, created_at, id FROM jobs WHERE payer_id || ' ' || status = @side AND {Place}
        UNION ALL {OfTicket} AND status = @status {Order}
        """;

    public const string InAttention = $"SELECT document FROM jobs WHERE attention = 1 AND {Place} {Order}";
}
