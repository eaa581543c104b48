using KlingProxy.Access;
using KlingProxy.Access.Credentials;
using KlingProxy.Access.Limits;
using KlingProxy.Access.Polls;
using KlingProxy.Http;
using KlingProxy.Http.Bodies;
using KlingProxy.Http.Docs;
using KlingProxy.Http.Problems;
using KlingProxy.Http.Wire;
using KlingProxy.Jobs.Canceling;
using KlingProxy.Jobs.Docs;
using KlingProxy.Jobs.Following;
using KlingProxy.Jobs.Operating;
using KlingProxy.Jobs.Reading;
using KlingProxy.Jobs.Submitting;
using KlingProxy.Jobs.Watching;
using KlingProxy.Models;
using KlingProxy.Orders;
using KlingProxy.Settings;
using KlingProxy.Spending;

namespace KlingProxy.Jobs;

/// <summary>Ask for a video, follow it, watch it, cancel it.</summary>
internal static class JobsModule
{
    public static void AddJobs(this IHostApplicationBuilder builder)
    {
        builder.AddSettings<JobOptions, JobOptionsValidator>();
        builder.Services.AddProblems(JobProblems.All);
        builder.AddJson(JobsJson.Default);

        builder.Services.AddSingleton<OwnJobs>();
        builder.Services.AddSingleton<JobSignals>();
        builder.Services.AddSingleton<WebhookAddress>();
        builder.Services.AddSingleton<ReconcileSchedule>();
        builder.Services.AddSingleton<JobViews>();
        builder.Services.AddSingleton<JobEncodings>();
        builder.Services.AddSingleton<IPoll, JobPoll>();
        builder.Services.AddSingleton<JobResponses>();
        builder.Services.AddSingleton<UnacknowledgedCreates>();
        builder.Services.AddSingleton<IInlineImages, NoInlineImages>();
        builder.Services.AddSingleton<SubmitJob>();
        builder.Services.AddSingleton<ForwardCancellation>();
        builder.Services.AddSingleton<CancelJob>();
        builder.Services.AddSingleton<ResolveJob>();
        builder.Services.AddSingleton<RetryJob>();
        builder.Services.AddSingleton<NoteDelivery>();
        builder.Services.AddSingleton<RecoverLostSubmit>();
        builder.Services.AddSingleton<BeginSubmit>();
        builder.Services.AddSingleton<DispatchJob>();
        builder.Services.AddSingleton<ObserveJob>();
        builder.Services.AddSingleton<CompleteJob>();
        builder.Services.AddSingleton<JobFollower>();
        builder.Services.AddSingleton<PatientReads>();
        builder.Services.AddSingleton<JobFeeds>();
        builder.Services.AddSingleton<AwaitJob>();
        builder.Services.AddSingleton<WatchJob>();
        builder.Services.AddHostedService<JobReconciler>();
    }

    public static void MapJobs(this IEndpointRouteBuilder routes)
    {
        var jobs = routes.MapGroup("/v1/jobs").WithTags("Jobs");
        var own = jobs.MapGroup("").RequireAuthorization(AccessPolicy.Jobs);
        var seen = jobs.MapGroup("").RequireAuthorization(AccessPolicy.JobsOrOperator);
        var linked = jobs.MapGroup("").RequireAuthorization(AccessPolicy.JobsOrLink).WithMetadata(SignedLinks.Parameters);

        own.MapPost("/", PostJob.Handle).WithName("CreateJob").Accepts<VideoOrderBody>("application/json")
            .WithSummary("Make a video")
            .WithDescription("Answers 202 wherever a job may exist at fal, an unconfirmed one included; 200 when it ended within Prefer: wait=n (at most 60 "
                + "seconds). Send an Idempotency-Key: a repeated request then returns the same job. An image in a data URI is checked as by POST /v1/uploads "
                + "and refused alike.")
            .Produces<JobView>(200).Produces<JobView>(202).WithMetadata(JobApiDocs.Create)
            .Refuses(
                BodyProblems.Malformed, JobProblems.InvalidIdempotencyKey, SpendingProblems.MaxCostExceeded, BodyProblems.TooLarge, BodyProblems.WrongMediaType,
                JobProblems.Deleted, SpendingProblems.BudgetExceeded, SpendingProblems.TicketSpent, SpendingProblems.TooManyJobs, SpendingProblems.Frozen,
                ModelProblems.InvalidInput, ModelProblems.UnknownModel, JobProblems.IdempotencyKeyReused, JobProblems.ModelRejected, BodyProblems.TooSlow,
                AccessProblems.TooManyBodies, BodyProblems.Overloaded, JobProblems.UpstreamUnavailable, JobProblems.UpstreamBalance, JobProblems.UpstreamAuth)
            .StaysOpen(PreferHeader.IsToWait);
        seen.MapGet("/", ListJobs.Handle).WithName("ListJobs")
            .WithSummary("List your jobs").WithDescription("Newest first; an operator's list has everybody's jobs, each with its owner. Jobs that come "
                + "while you page do not move the pages.")
            .WithMetadata(JobApiDocs.List).Refuses(UnreadableParameters.Malformed);
        seen.MapGet("/{id}", GetJob.Handle).WithName("GetJob")
            .WithSummary("Get a job").WithDescription("With If-None-Match it answers 304 while nothing changed; with Prefer: wait=n it waits up to 60 seconds "
                + "for the end. An operator gets any job, with its owner.")
            .Produces<JobView>().Produces(304).WithMetadata(JobApiDocs.Get).Refuses(JobProblems.NotFound).StaysOpen(PreferHeader.IsToWait);
        own.MapDelete("/{id}", DeleteJob.Handle).WithName("DeleteJob")
            .WithSummary("Delete an ended job")
                .WithDescription("Forgets the job and its events. What it cost stays in the ledger; the file stays at fal until it expires there.")
            .WithMetadata(JobApiDocs.Delete).Refuses(JobProblems.NotFound, JobProblems.StillRunning);
        own.MapPost("/{id}/cancel", PostCancel.Handle).WithName("CancelJob")
            .WithSummary("Ask for a job to be canceled")
                .WithDescription("A request, not a verdict: a job that fal already works on may finish, and be paid. Its status tells.")
            .Produces<JobView>(202).WithMetadata(JobApiDocs.Cancel).Refuses(JobProblems.NotFound, JobProblems.AlreadyEnded, JobProblems.UpstreamUnavailable);
        routes.MapGet("/v1/attention", ListAttention.Handle).WithName("ListAttention").WithTags("Operator").RequireAuthorization(AccessPolicy.Operator)
            .WithSummary("List what waits for a person")
                .WithDescription("Newest first, each with its reason. Jobs of which nothing automatic can tell how they end: their holds stay until they are "
                + "resolved, and they do not count as jobs in flight. Jobs whose bill is not believed, or that fal delivered after they had ended. Requests "
                + "of fal's that no job here accounts for.")
            .WithMetadata(JobApiDocs.Attention).Refuses(UnreadableParameters.Malformed);
        jobs.MapPost("/{id}/resolve", PostResolution.Handle).WithName("ResolveJob").WithTags("Operator").RequireAuthorization(AccessPolicy.Operator)
            .Accepts<ResolveRequest>("application/json")
            .WithSummary("Decide about a job")
                .WithDescription("Look for it at fal first. request_id: it is this request, and goes on with that. cost: it is over, and fal billed so much "
                + "for it; whoever asked may not ask again with the same key or ticket. acknowledge: it has ended, or is not here, and was seen. If fal "
                + "delivers after all what was declared over, the job is corrected and comes back to the list.")
            .WithMetadata(JobApiDocs.Resolve)
            .Refuses(
                BodyProblems.Malformed, JobProblems.NotFound, JobProblems.NotInAttention, BodyProblems.TooLarge, BodyProblems.WrongMediaType,
                BodyFields.Invalid, BodyProblems.TooSlow, AccessProblems.TooManyBodies, BodyProblems.Overloaded, JobProblems.UpstreamUnavailable);
        jobs.MapGet("/{id}/story", ShowStory.Handle).WithName("GetStory").WithTags("Operator").RequireAuthorization(AccessPolicy.Operator)
            .WithSummary("See all that is known of a job")
            .WithDescription("Where it stood when, how often it was tried to send it, what was held, released and settled for it, what fal told of it "
                + "besides, what operators did about it, and the ids by which log lines and fal's own records say it. Of a deleted job what the ledger has.")
            .WithMetadata(JobApiDocs.Story).Refuses(JobProblems.NotFound);
        jobs.MapPost("/{id}/retry", PostRetry.Handle).WithName("RetryJob").WithTags("Operator").RequireAuthorization(AccessPolicy.Operator)
            .WithSummary("Make a failed job once more")
            .WithDescription("For its caller, out of its payer's budgets, by today's rules and price: a new job with a hold of its own, which names the failed "
                + "one in `retry_of`, as that names it in `retried_as`. Asked again it answers with the same job, unless an Idempotency-Key of its own asks "
                + "for another.")
            .Produces<JobView>(202).WithMetadata(JobApiDocs.Retry)
            .Refuses(
                JobProblems.InvalidIdempotencyKey, JobProblems.NotFound, JobProblems.NotFailed, AccessProblems.KeyEnded, JobProblems.Deleted,
                SpendingProblems.BudgetExceeded, SpendingProblems.TooManyJobs, SpendingProblems.Frozen, ModelProblems.InvalidInput,
                ModelProblems.UnknownModel, JobProblems.UpstreamBalance, JobProblems.UpstreamAuth);
        linked.MapGet("/{id}/events", GetEvents.Handle).WithName("WatchJob")
            .WithSummary("Follow a job").WithDescription("Server-sent events named job, with a heartbeat every 10 seconds, closed after the final event. "
                + "Whoever has that already gets 204, so that an EventSource stops. With Accept: application/json, what has happened so far. Resumes after "
                + "Last-Event-ID or ?after=.")
            .Produces<JobEventList>().Produces(204).WithMetadata(JobApiDocs.Watch)
            .Refuses(
                UnreadableParameters.Malformed, JobProblems.NotFound).StaysOpen(GetEvents.IsStream);
        linked.MapGet("/{id}/video", GetVideo.Handle).WithName("GetVideo")
            .WithSummary("Watch the video").WithDescription("The MP4, with Range, so that players can seek.")
            .WithMetadata(JobApiDocs.Video)
            .Refuses(
                JobProblems.NotFound, JobProblems.NoVideo, JobProblems.StillRunning, JobProblems.MediaExpired, JobProblems.RangeNotSatisfiable,
                AccessProblems.TooManyVideos, BodyProblems.Overloaded, JobProblems.UpstreamUnavailable);
        linked.MapMethods("/{id}/video", [HttpMethods.Head], GetVideo.Handle).WithName("HeadVideo")
            .WithSummary("Look whether the video is there").WithDescription("The headers of GET, without the bytes.")
            .WithMetadata(JobApiDocs.VideoHead)
            .Refuses(
                JobProblems.NotFound, JobProblems.NoVideo, JobProblems.StillRunning, JobProblems.MediaExpired, JobProblems.RangeNotSatisfiable,
                JobProblems.UpstreamUnavailable);
    }
}
