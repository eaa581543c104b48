using System.Data.Common;

using Microsoft.Data.Sqlite;

using Npgsql;

namespace KlingProxy.Bench.Seeding;

/// <summary>What the two engines say differently.</summary>
/// <param name="Before">Makes one long write quick: a copy that breaks is thrown away.</param>
/// <param name="Triggers">Name and text of each that has to be dropped meanwhile; <c>null</c> where <paramref name="Before"/> puts them to rest.</param>
/// <param name="Columns">Name of each table, its columns and their types.</param>
/// <param name="Numbers">The whole numbers from 1 to {0}, as <c>i</c>.</param>
/// <param name="RandomHex">32 digits.</param>
/// <param name="Seconds">An instant to the second, as a job's document has it; {0} is a Unix time.</param>
/// <param name="Date">The same of a day.</param>
/// <param name="After">What the engine does by itself sooner or later.</param>
internal sealed record SeedDialect(
    Func<string, DbConnection> Open, string Before, string? Triggers, string Columns, string Numbers, string RandomHex, string Seconds, string Date, string After)
{
    private static readonly SeedDialect Sqlite = new(
        file => new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = file, Pooling = false }.ToString()),
        "PRAGMA synchronous = OFF; PRAGMA journal_mode = OFF; PRAGMA cache_size = -3000000; PRAGMA temp_store = MEMORY",
        "SELECT name, sql FROM sqlite_master WHERE type = 'trigger'",
        "SELECT t.name, c.name, c.type FROM sqlite_master t, pragma_table_info(t.name) c WHERE t.type = 'table' ORDER BY t.name, c.cid",
        "WITH RECURSIVE numbers(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM numbers WHERE i < {0}) SELECT i FROM numbers",
        "lower(hex(randomblob(16)))",
        "strftime('%Y-%m-%dT%H:%M:%S', {0}, 'unixepoch')",
        "strftime('%Y-%m-%d', {0}, 'unixepoch')",
        "PRAGMA journal_mode = WAL");

    private static readonly SeedDialect Postgres = new(
        connection => new NpgsqlConnection(connection + ";Pooling=false;Command Timeout=0"),
        "SET session_replication_role = replica; SET synchronous_commit = off; SET work_mem = '256MB'; SET maintenance_work_mem = '512MB'",
        null,
        """
        SELECT table_name, column_name, data_type FROM information_schema.columns JOIN information_schema.tables USING (table_schema, table_name)
        WHERE table_schema = 'public' AND table_type = 'BASE TABLE' ORDER BY table_name, ordinal_position
        """,
        "SELECT i FROM generate_series(1, {0}) i",
        "md5(random()::text || clock_timestamp()::text)",
        """to_char(to_timestamp({0}) AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS')""",
        """to_char(to_timestamp({0}) AT TIME ZONE 'UTC', 'YYYY-MM-DD')""",
        "VACUUM ANALYZE");

    public static SeedDialect Of(string database) => database.Contains("Host=", StringComparison.Ordinal) ? Postgres : Sqlite;
}
