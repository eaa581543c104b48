using System.Data.Common;

using KlingProxy.Storage.Live;

namespace KlingProxy.Storage;

/// <summary>A transaction in which nobody else writes. Ended without <see cref="Commit"/> it never was.</summary>
/// <param name="end">What becomes of its connection; told whether all went well.</param>
internal sealed class SqlTurn(DbTransaction transaction, PreparedStatements? prepared, Func<bool, ValueTask> end) : IAsyncDisposable
{
    private bool isCommitted;

    /// <summary>For one write of it.</summary>
    public SqlSession Session => new(transaction.Connection!, transaction, prepared, new LiveWrites());

    public async Task Commit()
    {
        await transaction.CommitAsync();
        isCommitted = true;
    }

    public async ValueTask DisposeAsync()
    {
        try
        {
            await transaction.DisposeAsync();
        }
        finally
        {
            await end(isCommitted);
        }
    }
}
