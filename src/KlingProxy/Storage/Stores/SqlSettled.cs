using KlingProxy.Spending.Ledger;

namespace KlingProxy.Storage.Stores;

/// <summary>What was spent per day of its entry and model: one row each, which changes in the transaction that writes the entry.</summary>
internal static class SqlSettled
{
    public static async Task Add(SqlSession sql, LedgerEntry entry)
    {
        if (entry.Kind is LedgerKind.Settlement or LedgerKind.Correction)
            await sql.Execute(
                """
                INSERT INTO settled (day, model, amount, estimated) VALUES (@day, @model, @amount, @estimated)
                ON CONFLICT (day, model) DO UPDATE SET amount = settled.amount + excluded.amount, estimated = settled.estimated + excluded.estimated
                """,
                ("@day", Column.Of(DateOnly.FromDateTime(entry.At.UtcDateTime))), ("@model", entry.Model), ("@amount", Column.Of(entry.Amount)),
                ("@estimated", entry.Estimated ? Column.Of(entry.Amount) : 0L));
    }

    public static async Task<IReadOnlyList<Settled>> Read(SqlSession sql, DateOnly from, DateOnly to) =>
        [.. (await sql.Query("SELECT day, model, amount, estimated FROM settled WHERE day >= @from AND day <= @to",
            row => new Settled(row.Day(0), row.GetString(1), row.Usd(2), row.Usd(3)),
            ("@from", Column.Of(from)), ("@to", Column.Of(to)))).OrderByDescending(row => row.Day).ThenBy(row => row.Model, StringComparer.Ordinal)];
}
