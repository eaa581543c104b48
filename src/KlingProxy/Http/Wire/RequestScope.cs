namespace KlingProxy.Http.Wire;

/// <summary>
/// Which request a log line belongs to: the id that its caller was told to quote, and where it is about a job's work, the job. What a request starts
/// and does not wait for inherits it; what goes on without it (a sweep, a restart) takes it from the job.
/// </summary>
internal static class RequestScope
{
    public const string Name = "Request", Job = "JobId";

    /// <returns>Ends it.</returns>
    public static IDisposable? Begin(ILogger logger, string? request, string? jobId = null)
    {
        var said = new List<KeyValuePair<string, object>>(2);
        if (request is not null)
            said.Add(new(Name, request));
        if (jobId is not null)
            said.Add(new(Job, jobId));
        return said.Count > 0 ? logger.BeginScope(said) : null;
    }
}
