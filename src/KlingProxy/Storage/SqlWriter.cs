using System.Data.Common;
using System.Runtime.ExceptionServices;
using System.Threading.Channels;

using KlingProxy.Storage.Live;

namespace KlingProxy.Storage;

/// <summary>
/// The only writer of this process. Writes that wait are committed together, so that one fsync serves many callers; each keeps its own savepoint, so that
/// one that fails takes nobody with it. A write's task ends after the commit, never before.
/// </summary>
internal sealed class SqlWriter : IAsyncDisposable
{
    /// <summary>Bounds the time that the first of a batch waits for the last.</summary>
    private const int MaxBatch = 64;

    private static readonly TimeSpan MaxGoodbye = TimeSpan.FromSeconds(1);

    private readonly Func<Task<SqlTurn>> begin;
    private readonly Channel<Write> waiting = Channel.CreateBounded<Write>(new BoundedChannelOptions(4096) { SingleReader = true });
    private readonly Task loop;

    /// <param name="begin">Takes the turn.</param>
    public SqlWriter(Func<Task<SqlTurn>> begin)
    {
        this.begin = begin;
        loop = Task.Run(Run);
    }

    public async Task<T> Run<T>(Func<SqlSession, Task<T>> write)
    {
        var task = new Write<T>(write);
        await waiting.Writer.WriteAsync(task);
        return await task.Done;
    }

    public async ValueTask DisposeAsync()
    {
        waiting.Writer.TryComplete();
        await Task.WhenAny(loop, Task.Delay(MaxGoodbye)); // a database that does not answer must not keep the process
    }

    private async Task Run()
    {
        while (await waiting.Reader.WaitToReadAsync())
        {
            var batch = new List<Write>();
            while (batch.Count < MaxBatch && waiting.Reader.TryRead(out var next))
                batch.Add(next);
            await Commit(batch);
        }
    }

    private async Task Commit(List<Write> batch)
    {
        var written = new LiveWrites();
        try
        {
            await using var turn = await begin();
            foreach (var write in batch)
                await Attempt(write, turn.Session, written);
            written.Hold();
            await turn.Commit();
            written.Release(isCommitted: true);
        }
        catch (Exception error)
        {
            written.Release(isCommitted: false);
            foreach (var write in batch)
                write.Fail(error);
            return;
        }
        foreach (var write in batch)
            write.Succeed();
    }

    private static async Task Attempt(Write write, SqlSession session, LiveWrites written)
    {
        await session.Execute("SAVEPOINT one");
        if (await write.Attempt(session) is { } failure)
            await TakeBack(session, failure);
        else
            written.Add(session.Written);
        await session.Execute("RELEASE SAVEPOINT one");
    }

    private static async Task TakeBack(SqlSession session, Exception failure)
    {
        try
        {
            await session.Execute("ROLLBACK TO SAVEPOINT one");
        }
        catch (InvalidOperationException) when (failure is DbException)
        {
            ExceptionDispatchInfo.Throw(failure); // a driver says once that its connection has broken; then only that there is no transaction
        }
    }

    private abstract class Write
    {
        /// <returns>Why its part of the transaction may not stand; <c>null</c> where it may.</returns>
        public abstract Task<Exception?> Attempt(SqlSession session);

        public abstract void Succeed();

        public abstract void Fail(Exception error);
    }

    private sealed class Write<T>(Func<SqlSession, Task<T>> write) : Write
    {
        private readonly TaskCompletionSource<T> done = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private T? result;

        public Task<T> Done => done.Task;

        public override async Task<Exception?> Attempt(SqlSession session)
        {
            try
            {
                result = await write(session);
                return null;
            }
            catch (Exception error)
            {
                Fail(error);
                return error;
            }
        }

        public override void Succeed() => done.TrySetResult(result!);

        public override void Fail(Exception error) => done.TrySetException(error);
    }
}
