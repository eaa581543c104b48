using System.Data.Common;

using KlingProxy.Storage;
using KlingProxy.Storage.Live;

namespace KlingProxy.Tests.Storage.Plans;

/// <summary>Has its engine explain every statement that a store runs, with the very parameters, at the very moment. One at a time.</summary>
internal sealed class ExplainingDatabase(PlanEngine engine) : ISqlDatabase
{
    public string Engine => engine.Name;

    public Task<T> Read<T>(Func<SqlSession, Task<T>> read) => read(Session(null));

    public async Task<T> Write<T>(Func<SqlSession, Task<T>> write)
    {
        await using var transaction = await engine.Connection.BeginTransactionAsync();
        engine.Transaction = transaction;
        try
        {
            var result = await write(Session(transaction));
            await transaction.CommitAsync();
            return result;
        }
        finally
        {
            engine.Transaction = null;
        }
    }

    private SqlSession Session(DbTransaction? transaction) => new(new ObservedConnection(engine.Connection, engine.Explain), transaction, written: new LiveWrites());
}

/// <summary>What one statement did.</summary>
/// <param name="Work">In the engine's own steps; the same each time, whatever else the machine does.</param>
/// <param name="Fault">What in its plan would grow; <c>null</c> where nothing would.</param>
internal sealed record Explanation(string Text, long Work, string? Fault);

/// <summary>A database that tells how it runs what it runs.</summary>
internal abstract class PlanEngine : IAsyncDisposable
{
    private readonly List<Explanation> explanations = [];

    public abstract string Name { get; }

    public abstract DbConnection Connection { get; }

    public DbTransaction? Transaction { get; set; }

    /// <summary>A text in place of a number of whole numbers in hexadecimal digits.</summary>
    public abstract string Hex(string number, int width);

    /// <summary>A table <c>series</c> of the numbers <c>n</c> from @from to @to, to be put before a SELECT.</summary>
    public abstract string Series { get; }

    /// <summary>Makes an empty database of the newest version.</summary>
    public abstract Task Open();

    /// <summary>Takes what makes rows slow to add, adds them, and puts it back.</summary>
    public abstract Task Fill(Func<Task> fill);

    /// <summary>What the engine knows of its tables from now on.</summary>
    public abstract Task Know(Knowledge knowledge);

    public void Explain(DbCommand command) => explanations.Add(ExplanationOf(command));

    public IReadOnlyList<Explanation> Take()
    {
        var taken = explanations.ToList();
        explanations.Clear();
        return taken;
    }

    public int Execute(string sql, params (string Name, object Value)[] parameters)
    {
        using var command = Command(sql);
        foreach (var (name, value) in parameters)
        {
            var parameter = command.CreateParameter();
            (parameter.ParameterName, parameter.Value) = (name, value);
            command.Parameters.Add(parameter);
        }
        return command.ExecuteNonQuery();
    }

    public List<string> Lines(string sql, int column = 0)
    {
        using var command = Command(sql);
        using var reader = command.ExecuteReader();
        var lines = new List<string>();
        while (reader.Read())
            lines.Add(reader.GetString(column));
        return lines;
    }

    public abstract ValueTask DisposeAsync();

    protected abstract Explanation ExplanationOf(DbCommand command);

    protected DbCommand Command(string sql)
    {
        var command = Connection.CreateCommand();
        command.CommandTimeout = 600;
        command.CommandText = sql;
        command.Transaction = Transaction;
        return command;
    }

    /// <summary>Whatever the statement writes is taken back.</summary>
    protected T Undone<T>(string statement, Func<T> run)
    {
        if (statement.TrimStart() is var text && (text.StartsWith("SELECT", StringComparison.Ordinal) || text.StartsWith("WITH", StringComparison.Ordinal)))
            return run();
        Execute("SAVEPOINT explained");
        try
        {
            return run();
        }
        finally
        {
            Execute("ROLLBACK TO explained");
            Execute("RELEASE explained");
        }
    }
}

public enum Knowledge
{
    /// <summary>Gathered on the first day, with a few jobs, and never since.</summary>
    OfTheFirstDay,

    /// <summary>None was ever gathered; as good as what is gathered of empty tables.</summary>
    None,

    /// <summary>As the service, or on PostgreSQL the server, gathers it.</summary>
    Fresh,
}
