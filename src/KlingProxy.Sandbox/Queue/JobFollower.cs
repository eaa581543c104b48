using KlingProxy.Sandbox.Hosting;
using KlingProxy.Sandbox.Media;
using KlingProxy.Sandbox.Webhooks;

namespace KlingProxy.Sandbox.Queue;

/// <summary>The only two things of a job that need a timer: filming when it starts, and the webhook when it ends.</summary>
internal sealed class JobFollower(TimeProvider clock, VideoMaker studio, WebhookSender webhooks)
{
    public void Follow(Job job, CancellationToken stopping) => job.Settled = Accompany(job, stopping);

    private async Task Accompany(Job job, CancellationToken stopping)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(stopping, job.Cancelled);
        try
        {
            if (job.Timeline.Starts is { } starts)
            {
                await clock.Reach(starts, ending.Token);
                if (job.Errors.Count == 0) job.Film.TrySetResult(await studio.Film(job, ending.Token));
            }

            await clock.Reach(job.Timeline.Ends, ending.Token);
            if (job.Timeline.At(clock.GetUtcNow()) is Progress.Ended { How: Ending.Finished or Ending.TimedOut } end)
                await webhooks.Deliver(job, await job.AnswerTo(end.How), stopping);
        }
        catch (OperationCanceledException) when (ending.IsCancellationRequested)
        {
            // A cancelled job tells nobody: whether fal sends a webhook then is not documented.
        }
        finally
        {
            job.Film.TrySetResult(null);
            job.FirstDelivery.TrySetResult();
        }
    }
}
