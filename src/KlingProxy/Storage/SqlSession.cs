using System.Data.Common;

using KlingProxy.Ids;
using KlingProxy.Storage.Live;

namespace KlingProxy.Storage;

/// <summary>A few words over ADO.NET: named parameters in, rows out. Lives as long as one read or one write.</summary>
/// <param name="prepared">Where the connection keeps its statements; <c>null</c> where its driver does, or where it lives for one session.</param>
/// <param name="written">Takes note of what a write writes; <c>null</c> for a read.</param>
internal sealed class SqlSession(
    DbConnection connection, DbTransaction? transaction = null, PreparedStatements? prepared = null, LiveWrites? written = null)
{
    /// <summary>What this write has written so far of what may be remembered; see <see cref="Wrote"/>.</summary>
    public LiveWrites Written => written ?? throw new InvalidOperationException("Only a write writes.");

    /// <summary>To be said with every statement that changes such a row, or what is remembered would no longer be so.</summary>
    /// <param name="row">As it stands then; <c>null</c> where it is gone, or is better read again.</param>
    public void Wrote<T>(LiveRows<T> rows, string key, T? row = null) where T : class => Written.Add(rows.Write(key, row));

    public async Task<int> Execute(string sql, params (string Name, object? Value)[] parameters)
    {
        var command = Command(sql, parameters);
        try
        {
            return await command.ExecuteNonQueryAsync();
        }
        finally
        {
            await Done(command);
        }
    }

    public async Task<List<T>> Query<T>(string sql, Func<DbDataReader, T> row, params (string Name, object? Value)[] parameters)
    {
        var command = Command(sql, parameters);
        try
        {
            await using var reader = await command.ExecuteReaderAsync();
            var rows = new List<T>();
            while (await reader.ReadAsync())
                rows.Add(row(reader));
            return rows;
        }
        finally
        {
            await Done(command);
        }
    }

    private DbCommand Command(string sql, (string Name, object? Value)[] parameters)
    {
        var command = prepared?.Of(sql) ?? connection.CreateCommand();
        if (prepared is null)
            command.CommandText = sql;
        command.Transaction = transaction;

        var isFilled = command.Parameters.Count == parameters.Length;
        if (!isFilled)
            command.Parameters.Clear();
        for (var place = 0; place < parameters.Length; place++)
        {
            if (!isFilled)
                command.Parameters.Add(command.CreateParameter());
            var parameter = command.Parameters[place];
            (parameter.ParameterName, parameter.Value) = (parameters[place].Name, Plain(parameters[place].Value) ?? DBNull.Value);
        }
        return command;
    }

    private ValueTask Done(DbCommand command) => prepared is null ? command.DisposeAsync() : ValueTask.CompletedTask;

    private static object? Plain(object? value) => value switch
    {
        JobId id => id.Value,
        CallerId id => id.Value,
        FalRequestId id => id.Value,
        _ => value,
    };
}
