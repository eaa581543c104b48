using KlingProxy.Fal;

namespace KlingProxy.Jobs;

/// <summary>Takes a caller's wish to fal, and writes down what the answer tells about the money.</summary>
internal sealed partial class PassOnCancellation(IJobStore store, FalQueue fal, TimeProvider time, ILogger<PassOnCancellation> logger)
{
    /// <param name="job">One that fal has.</param>
    /// <returns>fal's word, and the job as it stands after it.</returns>
    public async Task<(FalCancellation Answer, Job Job)> Handle(Job job, CancellationToken cancel)
    {
        var answer = await fal.Cancel(job.Model, job.RequestId!, cancel);
        LogAsked(job.Id, answer);
        if (answer != FalCancellation.Requested)
            return (answer, job);

        // It runs, whether or not we had seen that: a run may be billed.
        var now = time.GetUtcNow();
        return (answer, (await store.Change(job.Id, before => before.Running(now)))?.Job ?? job);
    }

    [LoggerMessage(1050, LogLevel.Information, "Asked fal to cancel job {JobId}: {Answer}")]
    private partial void LogAsked(string jobId, FalCancellation answer);
}
