using KlingProxy.Fal.Queue;
using KlingProxy.Http.Wire;
using KlingProxy.Jobs.Canceling;
using KlingProxy.Jobs.Submitting;

using Microsoft.Extensions.Options;

namespace KlingProxy.Jobs.Following;

/// <summary>Finds what a webhook, a watcher or a crash forgot, and moves it on by the same use cases as everybody else.</summary>
internal sealed partial class JobReconciler(
    IJobStore store, DispatchJob dispatch, ObserveJob observe, CompleteJob complete, ForwardCancellation forwardCancellation,
    RecoverLostSubmit recoverLostSubmit, JobFollower follower, FalQueue fal, ReconcileSchedule schedule, IHostApplicationLifetime lifetime,
    IOptions<JobOptions> options, TimeProvider time, ILogger<JobReconciler> logger) : BackgroundService
{
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        try
        {
            await dispatch.Drain().WaitAsync(cancellationToken);
        }
        catch (OperationCanceledException)
        {
            LogStillInTheAir(); // marked on disk: the next start finds it unconfirmed, and waits for word
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // Not only when it is this service's turn to stop: what begins in the last second would end unheard.
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken, lifetime.ApplicationStopping);
        var stopping = linked.Token;
        using var sweeps = new PeriodicTimer(options.Value.SweepInterval, time);
        do
        {
            try
            {
                await Sweep(stopping);
            }
            catch (Exception error) when (!stopping.IsCancellationRequested)
            {
                LogSweepFailed(error);
            }
        }
        while (await sweeps.WaitForNextTickAsync(stopping));
    }

    private async Task Sweep(CancellationToken stopping)
    {
        var pace = new SweepPace();
        Look[] looks;
        do
        {
            var due = await store.TakeDue(time.GetUtcNow(), job => schedule.Next(job, time.GetUtcNow()), SweepPace.Batch, stopping);
            looks = await Task.WhenAll(due.Select(job => Reconcile(job, stopping)));
        }
        while (pace.GoesOn(looks.Length, looks.Count(look => look == Look.Unanswered), looks.Count(look => look == Look.Costly)));
    }

    private async Task<Look> Reconcile(Job job, CancellationToken stopping)
    {
        using var scope = RequestScope.Begin(logger, job.CreatedBy, job.Id);
        try
        {
            return await CatchUp(job, stopping);
        }
        catch (Exception error) when (!stopping.IsCancellationRequested) // an HTTP timeout is also an OperationCanceledException
        {
            LogPostponed(job.Id, error);
            return Look.Unanswered;
        }
    }

    private async Task<Look> CatchUp(Job job, CancellationToken stopping)
    {
        var (now, look) = (time.GetUtcNow(), Look.Plain);
        switch (job.Status)
        {
            case JobStatus.Submitting when job.DispatchedAt is null:
                dispatch.Begin(job.Id); // nobody else waits for fal's answer
                look = Look.Costly;
                break;
            case JobStatus.Submitting when now - job.DispatchedAt >= schedule.SubmitLease:
                if (await store.Change(job.Id, before => before.Unanswered(), schedule.Next(job, now)) is { Moved: true })
                    LogUnconfirmed(job.Id);
                break;
            case JobStatus.Queued or JobStatus.InProgress or JobStatus.Finalizing when job.CancelIsPending:
                look = Of((await forwardCancellation.Forward(job, stopping)).Answer != FalCancellation.Unavailable);
                break;
            case JobStatus.Queued or JobStatus.InProgress when !follower.Follows(job.Id):
                var status = await fal.Status(job.Model, job.RequestId!.Value, stopping);
                await observe.Observe(job, status, stopping);
                look = Of(status is not FalStatus.Unclear);
                break;
            case JobStatus.Unconfirmed when recoverLostSubmit.IsEnabled && !job.NeedsAttention:
                await recoverLostSubmit.Recover(job, stopping);
                look = Look.Costly;
                break;
            case JobStatus.Finalizing:
            case var _ when job.EndIsDisputed:
                look = Of((await complete.Ask(job.Id, stopping)).IsAnswered);
                break;
        }
        if (now >= schedule.VerdictDue(job))
            await AskAPerson(job, stopping);
        return look;
    }

    private static Look Of(bool isAnswered) => isAnswered ? Look.Plain : Look.Unanswered;

    // Whatever fal's status says or does not say: the result call has the last word, and after it a person.
    private async Task AskAPerson(Job job, CancellationToken stopping)
    {
        if (job.Status is JobStatus.Queued or JobStatus.InProgress)
            await complete.Complete(job.Id, stopping);
        if (await store.Change(job.Id, before => before.Undisputed()) is { Moved: true })
            LogStaysAsItEnded(job.Id);
        if (await store.Change(job.Id, before => before.Flagged()) is { Moved: true, Job: var flagged })
            LogNeedsAttention(job.Id, flagged.Status.Word);
    }

    [LoggerMessage(1040, LogLevel.Error, "A sweep for due jobs failed")]
    private partial void LogSweepFailed(Exception error);

    [LoggerMessage(1041, LogLevel.Warning, "Looking at job {JobId} failed; it is tried again")]
    private partial void LogPostponed(string jobId, Exception error);

    [LoggerMessage(1042, LogLevel.Warning, "The submit of job {JobId} was begun and never heard of again; it is unconfirmed")]
    private partial void LogUnconfirmed(string jobId);

    [LoggerMessage(1044, LogLevel.Warning, "A submit is still in the air at the end; its job will be unconfirmed until fal's word comes")]
    private partial void LogStillInTheAir();

    [LoggerMessage(1045, LogLevel.Error, "fal has job {JobId}, which had ended here, and does not tell how it ended there; it stays as it is, and a person "
        + "has to look")]
    private partial void LogStaysAsItEnded(string jobId);

    [LoggerMessage(1043, LogLevel.Error, "Job {JobId} is {Status} and needs a person's decision")]
    private partial void LogNeedsAttention(string jobId, string status);

    /// <summary>What came of one look at a job.</summary>
    private enum Look
    {
        /// <summary>Nothing was asked, or fal said something, were it that the job still runs, or that fal does not know it.</summary>
        Plain,
        Unanswered,

        /// <summary>A submit, or a search in fal's records.</summary>
        Costly,
    }
}
