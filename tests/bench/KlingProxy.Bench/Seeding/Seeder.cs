using System.Data.Common;
using System.Globalization;
using System.Text.RegularExpressions;

namespace KlingProxy.Bench.Seeding;

/// <summary>
/// Fills a migrated database with copies of jobs that the service itself has written there, in all tables: a copy has ids and times of its own, and all else
/// as the service writes it. A new table with a column <c>job_id</c>, or a new column, needs no word here; a table of sums needs its line in
/// <see cref="SeedSums"/>.
/// </summary>
/// <remarks>By its name <c>day</c> is a day; a whole number of at least <see cref="LeastTicks"/> is a time.</remarks>
internal static partial class Seeder
{
    /// <summary>Of 100 ns since the year 1; no other number that the service stores is as large.</summary>
    private const long LeastTicks = 600_000_000_000_000_000;

    /// <param name="templates">The first is most copies' model; each other's share is one in thirty.</param>
    public static async Task Fill(string database, SeedPlan plan, IReadOnlyList<SeedTemplate> templates)
    {
        var dialect = SeedDialect.Of(database);
        await using var connection = dialect.Open(database);
        await connection.OpenAsync();
        await Execute(connection, dialect.Before);
        var tables = (await Query(connection, dialect.Columns)).GroupBy(row => (string)row[0]!).ToDictionary(
            table => table.Key, table => table.Select(row => (Name: (string)row[1]!, Type: (string)row[2]!)).ToList());

        // Sums are made at the end, of everything at once.
        var triggers = dialect.Triggers is { } query ? await Query(connection, query) : [];
        await Execute(connection, "BEGIN");
        foreach (var trigger in triggers)
            await Execute(connection, $"DROP TRIGGER {trigger[0]}");
        await MakeCopies(connection, dialect, plan, templates.Count);
        for (var kind = 0; kind < templates.Count; kind++)
            foreach (var (table, columns) in tables)
                await Copy(connection, dialect, table, [.. columns.Select(column => column.Name)], templates[kind], kind);
        foreach (var (table, fills) in SeedSums.All.Where(sum => tables.ContainsKey(sum.Table)))
            foreach (var fill in fills.Prepend($"DELETE FROM {table}"))
                await Execute(connection, fill);
        foreach (var trigger in triggers)
            await Execute(connection, (string)trigger[1]!);
        await Execute(connection, "COMMIT");
        await Execute(connection, dialect.After);
    }

    /// <returns>Up to 200 of a payer's jobs; their ids are random, and so are they.</returns>
    public static async Task<IReadOnlyList<string>> SomeJobs(string database, string payer)
    {
        await using var connection = SeedDialect.Of(database).Open(database);
        await connection.OpenAsync();
        return [.. (await Query(connection, $"SELECT id FROM jobs WHERE payer_id = '{payer}' ORDER BY id LIMIT 200")).Select(row => (string)row[0]!)];
    }

    // What differs between the copies, once for all tables.
    private static async Task MakeCopies(DbConnection connection, SeedDialect dialect, SeedPlan plan, int kinds)
    {
        await Execute(connection, "CREATE TEMPORARY TABLE seed_callers (n BIGINT PRIMARY KEY, id TEXT NOT NULL)");
        for (var number = 0; number < plan.Others.Count; number++)
            await Execute(connection, Text($"INSERT INTO seed_callers VALUES ({number}, '{plan.Others[number]}')"));
        var caller = Text($"(SELECT id FROM seed_callers WHERE n = i / {(plan.Owner is null ? 1 : 5)} % {plan.Others.Count})");
        var spread = Math.Max(plan.Days - 1, 0) * 86_400L;
        var kind = kinds == 1 ? "0" : Text($"CASE WHEN i % 30 < {kinds - 1} THEN 1 + i % 30 ELSE 0 END");
        await Execute(connection, Text($"""
            CREATE TEMPORARY TABLE seed AS SELECT i, {kind} AS kind, {dialect.RandomHex} AS hex, CAST(({plan.Jobs} - i) * {spread}.0 / {plan.Jobs} AS BIGINT) AS ago,
                {(plan.Owner is { } owner ? $"CASE WHEN i % 5 <> 0 THEN '{owner}' ELSE {caller} END" : caller)} AS caller
            FROM ({string.Format(CultureInfo.InvariantCulture, dialect.Numbers, plan.Jobs)}) AS n
            """));
    }

    private static async Task Copy(DbConnection connection, SeedDialect dialect, string table, IReadOnlyList<string> columns, SeedTemplate template, int kind)
    {
        var where = table == "jobs" ? $"id = '{template.JobId}'"
            : table == "uploads" ? $"id = '{template.Texts["upload"]}'"
            : columns.Contains("job_id") ? $"job_id = '{template.JobId}'"
            : null;
        if (where is null)
            return;
        foreach (var row in await Query(connection, $"SELECT {string.Join(", ", columns)} FROM {table} WHERE {where}"))
        {
            var values = columns.Select((name, place) => Value(dialect, template, name, row[place]));
            await Execute(connection, Text($"INSERT INTO {table} ({string.Join(", ", columns)}) SELECT {string.Join(", ", values)} FROM seed WHERE kind = {kind} ORDER BY i"));
        }
    }

    private static string Value(SeedDialect dialect, SeedTemplate template, string column, object? value) => value switch
    {
        null or DBNull => "NULL",
        long day when column == "day" => Text($"({day} - ago / 86400)"),
        long ticks and >= LeastTicks => Text($"({ticks} - ago * 10000000)"),
        long or int => Text($"{value}"),
        string text => Copied(dialect, template, text),
        _ => throw new NotSupportedException($"The seeder does not know how to copy {column}, {value.GetType()}."),
    };

    private static string Copied(SeedDialect dialect, SeedTemplate template, string text)
    {
        var copied = Quoted(text);
        foreach (Match instant in Instants().Matches(text).DistinctBy(match => match.Value))
            copied = Text($"replace({copied}, '{instant.Value}', {Ago(dialect.Seconds, instant.Value + "Z")})");
        foreach (Match day in Days().Matches(text).DistinctBy(match => match.Value))
            copied = Text($"replace({copied}, '{day.Value}', '\"' || {Ago(dialect.Date, day.Value.Trim('"') + "T12:00:00Z")} || '\"')");
        if (text.Contains(template.CallerId, StringComparison.Ordinal))
            copied = $"replace({copied}, '{template.CallerId}', caller)";
        foreach (var (name, own) in template.Texts.Where(own => text.Contains(own.Value, StringComparison.Ordinal)))
            copied = $"replace({copied}, '{own}', '{Prefix(name)}' || hex)";
        return copied;
    }

    // Of a kind that begins with a word, so does its copy.
    private static string Prefix(string name) => name switch { "job" => "job_", "upload" => "upl_", _ => "" };

    private static string Ago(string format, string instant) => string.Format(CultureInfo.InvariantCulture, format,
        Text($"{DateTimeOffset.Parse(instant, CultureInfo.InvariantCulture).ToUnixTimeSeconds()} - ago"));

    private static string Quoted(string text) => $"'{text.Replace("'", "''", StringComparison.Ordinal)}'";

    private static async Task Execute(DbConnection connection, string sql)
    {
        await using var command = connection.CreateCommand();
        (command.CommandText, command.CommandTimeout) = (sql, 0);
        await command.ExecuteNonQueryAsync();
    }

    private static async Task<List<object?[]>> Query(DbConnection connection, string sql)
    {
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        await using var reader = await command.ExecuteReaderAsync();
        var rows = new List<object?[]>();
        while (await reader.ReadAsync())
        {
            var row = new object?[reader.FieldCount];
            reader.GetValues(row!);
            rows.Add(row);
        }
        return rows;
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    [GeneratedRegex(@"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d")]
    private static partial Regex Instants();

    [GeneratedRegex(@"""\d{4}-\d\d-\d\d""")]
    private static partial Regex Days();
}
