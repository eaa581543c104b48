namespace KlingProxy.Bench.Seeding;

/// <summary>Tables whose rows say what others sum up to, and how to make them of those once all are there. One that a database has not is passed over.</summary>
internal static class SeedSums
{
    public static readonly IReadOnlyList<(string Table, IReadOnlyList<string> Fill)> All =
    [
        ("upload_use",
        [
            "INSERT INTO upload_use (caller_id, day, uploads, bytes) SELECT caller_id, created_at / 864000000000, COUNT(*), SUM(bytes) FROM uploads GROUP BY 1, 2",
        ]),
        ("settled",
        [
            """
            INSERT INTO settled (day, model, amount, estimated) SELECT at / 864000000000, model, SUM(amount), SUM(CASE WHEN estimated = 1 THEN amount ELSE 0 END)
            FROM ledger WHERE kind IN ('Settlement', 'Correction') GROUP BY 1, 2
            """,
        ]),
        ("spending_totals",
        [
            """
            INSERT INTO spending_totals (day, purse, jobs, held, spent, estimated)
            SELECT day, caller_id, SUM(jobs), SUM(held), SUM(spent), SUM(estimated) FROM ledger_counts GROUP BY day, caller_id
            """,
            """
            INSERT INTO spending_totals (day, purse, jobs, held, spent, estimated)
            SELECT day, '*', SUM(jobs), SUM(held), SUM(spent), SUM(estimated) FROM spending_totals WHERE purse NOT LIKE '*%' GROUP BY day
            """,
            """
            INSERT INTO spending_totals (day, purse, jobs, held, spent, estimated)
            SELECT 0, purse, SUM(jobs), SUM(held), SUM(spent), SUM(estimated) FROM spending_totals WHERE purse NOT LIKE '*%' GROUP BY purse
            """,
            "INSERT INTO spending_totals (day, purse) VALUES (0, '*')", // nothing is in flight
        ]),
    ];
}
