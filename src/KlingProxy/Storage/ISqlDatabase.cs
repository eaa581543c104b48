namespace KlingProxy.Storage;

/// <summary>What the stores need from an engine. Both engines give the same promise, so no store knows which one it speaks to.</summary>
internal interface ISqlDatabase
{
    /// <summary>A migration whose name ends in <c>.{Engine}.sql</c> is for this engine only.</summary>
    string Engine { get; }

    /// <summary>A read of what is committed.</summary>
    Task<T> Read<T>(Func<SqlSession, Task<T>> read);

    /// <summary>
    /// Runs in a transaction in which nobody else writes, in this process or another: what it reads is still so when it commits. All of it
    /// stands or none. It takes no cancellation: what was begun is finished.
    /// </summary>
    Task<T> Write<T>(Func<SqlSession, Task<T>> write);
}
