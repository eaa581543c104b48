using KlingProxy.Ids;

namespace KlingProxy.Jobs.Watching;

/// <summary>Looks into the store for those who wait on an open connection: a database that is away for some seconds ends no wait, it is asked again.</summary>
internal sealed partial class PatientReads(ILogger<PatientReads> logger)
{
    /// <summary>Between two looks at a store that does not answer.</summary>
    public static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    /// <returns>Whether the store answered, and what.</returns>
    public async Task<(bool Answered, T? Found)> Try<T>(JobId jobId, Func<Task<T?>> read, CancellationToken cancel)
        where T : class
    {
        try
        {
            return (true, await read());
        }
        catch (Exception error) when (!cancel.IsCancellationRequested)
        {
            LogUnread(jobId, error.Message);
            return (false, null);
        }
    }

    [LoggerMessage(1062, LogLevel.Warning, "Somebody waits for job {JobId}, which cannot be read at the moment; it is tried again: {Reason}")]
    private partial void LogUnread(string jobId, string reason);
}
