using System.Data.Common;

using KlingProxy.Storage;
using KlingProxy.Storage.Sqlite;
using KlingProxy.Tests.Storage.Sqlite;

using Microsoft.Data.Sqlite;

using SQLitePCL;

namespace KlingProxy.Tests.Storage.Plans;

/// <summary>Steps of SQLite's virtual machine are its work.</summary>
internal sealed class SqlitePlans : PlanEngine
{
    private readonly string file = SqliteFixture.NewFile();
    private SqliteConnection? connection;
    private List<(string, string, string)> ofTheFirstDay = [];

    public override string Name => "sqlite";

    public override DbConnection Connection => connection!;

    public override string Series => "WITH RECURSIVE series(n) AS (SELECT @from UNION ALL SELECT n + 1 FROM series WHERE n < @to)";

    public override string Hex(string number, int width) => $"printf('%0{width}x', {number})";

    public override async Task Open()
    {
        await (await SqliteFixture.Open(file)).DisposeAsync();
        Connect();
    }

    public override async Task Fill(Func<Task> fill)
    {
        var indexes = Lines("SELECT sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL");
        foreach (var name in Lines("SELECT name FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL"))
            Execute($"DROP INDEX {name}");
        var triggers = Lines("SELECT sql FROM sqlite_master WHERE type = 'trigger'");
        foreach (var name in Lines("SELECT name FROM sqlite_master WHERE type = 'trigger'"))
            Execute($"DROP TRIGGER {name}");
        Execute("PRAGMA journal_mode = OFF");
        Execute("BEGIN");
        await fill();
        foreach (var made in indexes.Concat(triggers))
            Execute(made);
        Execute("COMMIT");
    }

    public override async Task Know(Knowledge knowledge)
    {
        switch (knowledge)
        {
            case Knowledge.OfTheFirstDay when ofTheFirstDay.Count == 0: // it is that day
                await Refresh();
                ofTheFirstDay = [.. Lines("SELECT tbl || '|' || COALESCE(idx, '') || '|' || stat FROM sqlite_stat1").Select(line => line.Split('|')).Select(row => (row[0], row[1], row[2]))];
                return;
            case Knowledge.OfTheFirstDay:
                Execute("DELETE FROM sqlite_stat1");
                foreach (var (table, index, stat) in ofTheFirstDay)
                    Execute("INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES (@table, NULLIF(@index, ''), @stat)", ("@table", table), ("@index", index), ("@stat", stat));
                break;
            case Knowledge.None:
                Execute("DELETE FROM sqlite_stat1");
                break;
            case Knowledge.Fresh:
                await Refresh();
                Assert.NotEmpty(Lines("SELECT stat FROM sqlite_stat1 WHERE idx = 'jobs_by_payer'"));
                break;
        }
        await connection!.DisposeAsync(); // they are read with the schema
        Connect();
    }

    public override async ValueTask DisposeAsync()
    {
        if (connection is not null)
            await connection.DisposeAsync();
        Directory.Delete(Path.GetDirectoryName(Path.GetDirectoryName(file))!, recursive: true);
    }

    protected override Explanation ExplanationOf(DbCommand command)
    {
        var parameters = command.Parameters.Cast<DbParameter>().Select(parameter => (parameter.ParameterName, Value: parameter.Value!)).ToArray();
        using var explain = Command($"EXPLAIN QUERY PLAN {command.CommandText}");
        foreach (var (name, value) in parameters)
            explain.Parameters.Add(new SqliteParameter(name, value));
        var plan = new List<string>();
        using (var reader = explain.ExecuteReader())
        {
            while (reader.Read())
                plan.Add(reader.GetString(3));
        }
        var (steps, faults) = Undone(command.CommandText, () => Run(command.CommandText, parameters));
        faults.AddRange(plan.Where(line => line.Contains("TEMP B-TREE") || line.Contains("MULTI-INDEX") || line.Contains("AUTOMATIC") || IsScan(line, plan)));
        return new Explanation(command.CommandText, steps, faults.Count > 0 ? string.Join("; ", plan.Concat(faults)) : null);
    }

    // What a part of the statement gives is no table.
    private static bool IsScan(string line, List<string> plan) =>
        line.StartsWith("SCAN ", StringComparison.Ordinal) && line != "SCAN CONSTANT ROW" && !plan.Contains($"CO-ROUTINE {line["SCAN ".Length..]}");

    private (long Steps, List<string> Faults) Run(string text, IEnumerable<(string Name, object Value)> parameters)
    {
        Assert.Equal(raw.SQLITE_OK, raw.sqlite3_prepare_v2(connection!.Handle, text, out var statement));
        using (statement)
        {
            foreach (var (name, value) in parameters)
            {
                if (raw.sqlite3_bind_parameter_index(statement, name) is > 0 and var place)
                    _ = value switch
                    {
                        long number => raw.sqlite3_bind_int64(statement, place, number),
                        string said => raw.sqlite3_bind_text(statement, place, said),
                        DBNull => raw.sqlite3_bind_null(statement, place),
                        _ => throw new NotSupportedException(value.GetType().Name),
                    };
            }
            int step;
            while ((step = raw.sqlite3_step(statement)) == raw.SQLITE_ROW)
            {
            }
            Assert.Equal(raw.SQLITE_DONE, step);
            long Count(int what) => raw.sqlite3_stmt_status(statement, what, 0);
            var faults = new List<string>();
            if (Count(raw.SQLITE_STMTSTATUS_SORT) > 0)
                faults.Add("it sorts");
            if (Count(raw.SQLITE_STMTSTATUS_AUTOINDEX) > 0)
                faults.Add("it makes an index");
            return (Count(raw.SQLITE_STMTSTATUS_VM_STEP), faults);
        }
    }

    private Task<int> Refresh() => SqliteStatistics.Refresh(new SqlSession(Connection));

    private void Connect()
    {
        connection = new SqliteConnection($"Data Source={file};Pooling=False");
        connection.Open();
        Execute("PRAGMA synchronous = OFF; PRAGMA cache_size = -300000; PRAGMA temp_store = MEMORY; PRAGMA threads = 2");
    }
}
