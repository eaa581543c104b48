using System.Data.Common;

namespace KlingProxy.Storage;

/// <summary>
/// The statements of one connection, prepared once each: to parse and plan a statement costs an embedded engine more than to run it.
/// Whoever takes one is done with it before anybody else uses the connection.
/// </summary>
internal sealed class PreparedStatements(DbConnection connection) : IDisposable
{
    /// <summary>All texts of the service are a good hundred; what grows beyond this is made of lists of different lengths.</summary>
    private const int Max = 256;

    private readonly Dictionary<string, DbCommand> byText = [];

    public DbCommand Of(string sql)
    {
        if (byText.TryGetValue(sql, out var kept))
            return kept;
        if (byText.Count >= Max)
            Dispose();
        var command = connection.CreateCommand();
        command.CommandText = sql;
        byText.Add(sql, command);
        return command;
    }

    public void Dispose()
    {
        foreach (var command in byText.Values)
            command.Dispose();
        byText.Clear();
    }
}
