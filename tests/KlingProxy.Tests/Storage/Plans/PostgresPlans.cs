using System.Data.Common;
using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;

using KlingProxy.Storage;
using KlingProxy.Storage.Postgres;
using KlingProxy.Tests.Storage.Postgres;

using Microsoft.Extensions.Logging.Abstractions;

using Npgsql;

namespace KlingProxy.Tests.Storage.Plans;

/// <summary>
/// Blocks that PostgreSQL looks at are its work. Each statement is planned for its parameters, as one that is not prepared (yet), and for any, as one that is.
/// </summary>
internal sealed partial class PostgresPlans : PlanEngine
{
    private const long MaxPage = 101;

    private NpgsqlConnection? connection;
    private bool isFirstDay = true;
    private int number;

    public override string Name => "postgres";

    public override DbConnection Connection => connection!;

    public override string Series => "WITH series(n) AS (SELECT * FROM generate_series(CAST(@from AS BIGINT), CAST(@to AS BIGINT)))";

    public override string Hex(string number, int width) => $"lpad(to_hex({number}), {width}, '0')";

    public override async Task Open()
    {
        var connectionString = await SharedPostgres.NewDatabase();
        await using (var database = new PostgresDatabase(connectionString, TimeProvider.System))
            await new Migrator(database, TimeProvider.System, NullLogger<Migrator>.Instance).Run();
        connection = new NpgsqlConnection($"{connectionString};Pooling=false");
        await connection.OpenAsync();
        Execute("SET synchronous_commit = off; SET maintenance_work_mem = '256MB'; SET max_parallel_maintenance_workers = 0");
        foreach (var table in Lines("SELECT tablename FROM pg_tables WHERE schemaname = 'public'"))
            Execute($"ALTER TABLE {table} SET (autovacuum_enabled = false)"); // what is known is ours to say
    }

    public override async Task Fill(Func<Task> fill)
    {
        const string Made = "FROM pg_indexes WHERE schemaname = 'public' AND indexname NOT IN (SELECT conname FROM pg_constraint)";
        var indexes = Lines($"SELECT indexdef {Made}");
        foreach (var name in Lines($"SELECT indexname {Made}"))
            Execute($"DROP INDEX {name}");
        foreach (var table in Lines("SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'migrations'"))
            Execute($"TRUNCATE {table}");
        Execute("SET session_replication_role = replica"); // no trigger fires
        await fill();
        Execute("RESET session_replication_role");
        foreach (var index in indexes)
            Execute(index);
    }

    public override Task Know(Knowledge knowledge)
    {
        switch (knowledge)
        {
            case Knowledge.OfTheFirstDay when isFirstDay:
                Execute("ANALYZE");
                Execute($"CREATE TEMPORARY TABLE first_day AS SELECT relname, reltuples, relpages FROM pg_class {OfOurs}");
                isFirstDay = false;
                break;
            case Knowledge.OfTheFirstDay: // what is known of columns is that still
                Execute($"UPDATE pg_class c SET reltuples = d.reltuples, relpages = d.relpages FROM first_day d {OfOurs} AND d.relname = c.relname");
                break;
            case Knowledge.None:
                Execute($"DELETE FROM pg_statistic WHERE starelid IN (SELECT oid FROM pg_class {OfOurs})");
                Execute($"UPDATE pg_class SET reltuples = -1, relpages = 0 {OfOurs}");
                break;
            case Knowledge.Fresh:
                Execute("VACUUM ANALYZE");
                break;
        }
        return Task.CompletedTask;
    }

    public override async ValueTask DisposeAsync()
    {
        if (connection is not null)
            await connection.DisposeAsync();
    }

    protected override Explanation ExplanationOf(DbCommand command)
    {
        var values = command.Parameters.Cast<DbParameter>().ToDictionary(parameter => parameter.ParameterName, parameter => parameter.Value);
        var names = ParameterName().Matches(command.CommandText).Select(match => match.Value).Distinct().ToList();
        var statement = $"explained_{++number}";
        var types = names.Select(name => values[name] switch { long => "bigint", string => "text", _ => "unknown" });
        var text = ParameterName().Replace(command.CommandText, match => $"${names.IndexOf(match.Value) + 1}");
        Execute($"PREPARE {statement}{(names.Count > 0 ? $"({string.Join(", ", types)})" : "")} AS {text}");
        var call = $"EXECUTE {statement}{(names.Count > 0 ? $"({string.Join(", ", names.Select(name => Literal(values[name])))})" : "")}";
        try
        {
            Execute("SET plan_cache_mode = force_custom_plan");
            var custom = Plan(call, command.CommandText);
            Execute("SET plan_cache_mode = force_generic_plan");
            var generic = Plan(call, command.CommandText);
            return new Explanation(command.CommandText, Math.Max(custom.Blocks, generic.Blocks), custom.Fault ?? (generic.Fault is { } fault ? $"for any parameters: {fault}" : null));
        }
        finally
        {
            Execute("RESET plan_cache_mode");
            Execute($"DEALLOCATE {statement}");
        }
    }

    private const string OfOurs = "WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'i')";

    private (long Blocks, string? Fault) Plan(string call, string text) => Undone(text, () =>
    {
        using var document = JsonDocument.Parse(Lines($"EXPLAIN (ANALYZE, BUFFERS, TIMING OFF, FORMAT JSON) {call}")[0]);
        var nodes = Nodes(document.RootElement[0].GetProperty("Plan")).ToList();
        var faults = nodes.Where(IsFault).ToList();
        var blocks = nodes[0].GetProperty("Shared Hit Blocks").GetInt64() + nodes[0].GetProperty("Shared Read Blocks").GetInt64();
        return (blocks, faults.Count > 0 ? string.Join("; ", nodes.Select(Said)) : null);
    });

    private static IEnumerable<JsonElement> Nodes(JsonElement node) =>
        node.TryGetProperty("Plans", out var below) ? below.EnumerateArray().SelectMany(Nodes).Prepend(node) : [node];

    // One row, or none, is all that some tables ever have, or a few for each day. What takes all of its input before it gives anything may have a page of it.
    private static bool IsFault(JsonElement node) => node.GetProperty("Node Type").GetString() switch
    {
        "Seq Scan" => node.GetProperty("Relation Name").GetString() switch
        {
            "spending_freeze" or "secrets" or "migrations" or "settled" => false,
            "spending_totals" => node.TryGetProperty("Rows Removed by Filter", out var passedOver) && passedOver.GetDouble() > Rows(node), // most of it was asked for
            _ => true,
        },
        "Sort" or "Incremental Sort" or "BitmapOr" or "BitmapAnd" or "Hash" or "Aggregate" or "Materialize" or "Gather" or "Gather Merge" => Nodes(node).Max(Rows) > MaxPage,
        _ => false,
    };

    private static double Rows(JsonElement node) => node.GetProperty("Actual Rows").GetDouble() * node.GetProperty("Actual Loops").GetDouble();

    private static string Said(JsonElement node) => string.Join(' ', new[] { "Node Type", "Index Name", "Relation Name", "Index Cond", "Filter", "Rows Removed by Filter", "Actual Rows" }
        .Select(name => node.TryGetProperty(name, out var value) ? $"{(name is "Filter" or "Rows Removed by Filter" or "Actual Rows" ? $"{name}: " : "")}{value}" : "").Where(said => said.Length > 0));

    private static string Literal(object? value) => value switch
    {
        long whole => whole.ToString(CultureInfo.InvariantCulture),
        string text => $"'{text.Replace("'", "''", StringComparison.Ordinal)}'",
        _ => "NULL",
    };

    [GeneratedRegex(@"@\w+")]
    private static partial Regex ParameterName();
}
