using System.Data.Common;

using KlingProxy.Ids;

namespace KlingProxy.Storage;

/// <summary>A few words over ADO.NET: named parameters in, rows out. Lives as long as one read or one write.</summary>
internal sealed class SqlSession(DbConnection connection, DbTransaction? transaction = null)
{
    public async Task<int> Execute(string sql, params (string Name, object? Value)[] parameters)
    {
        await using var command = Command(sql, parameters);
        return await command.ExecuteNonQueryAsync();
    }

    public async Task<List<T>> Query<T>(string sql, Func<DbDataReader, T> row, params (string Name, object? Value)[] parameters)
    {
        await using var command = Command(sql, parameters);
        await using var reader = await command.ExecuteReaderAsync();
        var rows = new List<T>();
        while (await reader.ReadAsync())
            rows.Add(row(reader));
        return rows;
    }

    private DbCommand Command(string sql, (string Name, object? Value)[] parameters)
    {
        var command = connection.CreateCommand();
        command.CommandText = sql;
        command.Transaction = transaction;
        foreach (var (name, value) in parameters)
        {
            var parameter = command.CreateParameter();
            (parameter.ParameterName, parameter.Value) = (name, Plain(value) ?? DBNull.Value);
            command.Parameters.Add(parameter);
        }
        return command;
    }

    private static object? Plain(object? value) => value switch
    {
        JobId id => id.Value,
        CallerId id => id.Value,
        FalRequestId id => id.Value,
        _ => value,
    };
}
