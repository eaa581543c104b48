namespace KlingProxy.Storage.Stores;

/// <summary>
/// Pages of jobs. Each reads one stretch of one index and stops at its limit; the first page begins after the last instant there is. Who pays for a job may see
/// it, and so may the ticket that made it: their lists are read beside each other, each up to the limit, and are whoever reads them to merge.
/// </summary>
internal static class JobPages
{
    private const string Place = "(created_at, id) < (@at, @id) ORDER BY created_at DESC, id DESC LIMIT @limit";

    public const string All =
        $"""
        SELECT document FROM (SELECT document, created_at, id FROM jobs WHERE payer_id = @caller AND {Place}) AS paid
        UNION ALL SELECT document FROM (
            SELECT document, created_at, id FROM jobs WHERE caller_id = @caller AND caller_id <> payer_id AND {Place}) AS made
        """;

    /// <summary>Whose and status are one key, so that no engine can take the list of all jobs instead and leave out most of it.</summary>
    public const string InStatus =
        $"""
        SELECT document FROM (SELECT document, created_at, id FROM jobs WHERE payer_id || ' ' || status = @side AND {Place}) AS paid
        UNION ALL SELECT document FROM (
            SELECT document, created_at, id FROM jobs WHERE caller_id || ' ' || status = @side AND caller_id <> payer_id AND {Place}) AS made
        """;

    public const string InAttention = $"SELECT document FROM jobs WHERE attention = 1 AND {Place}";
}
