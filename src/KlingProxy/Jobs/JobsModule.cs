using KlingProxy.Access;
using KlingProxy.Budget;
using KlingProxy.Catalog;
using KlingProxy.Problems;
using KlingProxy.Settings;

using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;

namespace KlingProxy.Jobs;

/// <summary>Ask for a video, follow it, watch it, cancel it.</summary>
internal static class JobsModule
{
    public static readonly Problem
        NotFound = new("job-not-found", 404, "There is no such job.", "Somebody else's job answers exactly like a missing one. GET /v1/jobs lists yours."),
        NoVideo = new("no-video", 404, "This job has no video.", "It ended without one; its error says why."),
        NotInAttention = new("not-in-attention", 409, "The job does not wait for a decision.", "Only a job that is unconfirmed or listed by GET /v1/attention can be resolved, and only to a request that no other job has. What has ended can only be acknowledged."),
        AlreadyEnded = new("job-ended", 409, "The job has already ended.", "There is nothing left to cancel. GET the job for its result."),
        StillRunning = new("job-running", 409, "The job has not ended yet.", "Follow its events, or ask again after Retry-After."),
        Deleted = new("job-deleted", 410, "The job of this idempotency key was deleted.", "A key stands for one request for ever, so that a late repetition spends nothing. Use a new key for a new video."),
        MediaExpired = new("media-expired", 410, "The video is no longer there.", "fal keeps files for a limited time. Download what you want to keep."),
        RangeNotSatisfiable = new("range-not-satisfiable", 416, "The range lies outside the file.", "Content-Range says how many bytes the file has."),
        InvalidIdempotencyKey = new("invalid-idempotency-key", 400, "The idempotency key cannot be used.", "Send one Idempotency-Key of 1 to 255 visible ASCII characters, such as a UUID."),
        IdempotencyKeyReused = new("idempotency-key-reused", 422, "The idempotency key stands for another body.", "A key stands for one request for ever. Use a new key for a new request."),
        ModelRejected = new("model-rejected", 422, "fal refused the input.", "The detail, or errors by JSON pointer, has what fal itself found. Nothing was spent.")
        {
            Typical = new("/input/image_url", "image_too_small", "Image dimensions are too small."),
        },
        UpstreamUnavailable = new("upstream-unavailable", 503, "fal could not be reached.", "Nothing was spent. Try again later."),
        UpstreamBalance = new("upstream-balance", 503, "This service cannot pay fal at the moment.", "The operator has to top up the account at fal. Nothing was spent.") { RetryAfter = 60 },
        UpstreamAuth = new("upstream-auth", 503, "This service cannot sign in to fal at the moment.", "The operator has to renew the key. Nothing was spent.") { RetryAfter = 60 };

    private static readonly Problem[] Refusals = [BudgetModule.Frozen, ModelRejected, UpstreamUnavailable, UpstreamBalance, UpstreamAuth];

    /// <summary>The refusal that a job's error stands for, when fal never took the job; <c>null</c> when there is something to follow.</summary>
    public static ProblemHttpResult? RefusalOf(Job job) => job is { Status: JobStatus.Failed, RequestId: null, EndIsDeclared: false, Error: { } error }
        ? (Refusals.FirstOrDefault(problem => problem.Code == error.Code) ?? ModelRejected).Because(error.Detail, error.Errors)
        : null;

    public static void AddJobs(this IHostApplicationBuilder builder)
    {
        builder.Services.AddSingleton<IValidateOptions<JobOptions>, JobOptionsValidator>();
        builder.AddSettings<JobOptions>();
        builder.Services.AddProblems(NotFound, NoVideo, NotInAttention, Deleted, AlreadyEnded, StillRunning, MediaExpired, RangeNotSatisfiable, InvalidIdempotencyKey, IdempotencyKeyReused, ModelRejected, UpstreamUnavailable, UpstreamBalance, UpstreamAuth);
        builder.AddJson(JobsJson.Default);

        builder.Services.AddSingleton<JobSignals>();
        builder.Services.AddSingleton<WebhookAddress>();
        builder.Services.AddSingleton<JobPace>();
        builder.Services.AddSingleton<JobViews>();
        builder.Services.AddSingleton<JobAnswers>();
        builder.Services.AddSingleton<OpenAnswers>();
        builder.Services.AddSingleton<SubmitJob>();
        builder.Services.AddSingleton<PassOnCancellation>();
        builder.Services.AddSingleton<CancelJob>();
        builder.Services.AddSingleton<ResolveJob>();
        builder.Services.AddSingleton<NoteDelivery>();
        builder.Services.AddSingleton<FindOrphan>();
        builder.Services.AddSingleton<DispatchJob>();
        builder.Services.AddSingleton<ObserveJob>();
        builder.Services.AddSingleton<CompleteJob>();
        builder.Services.AddSingleton<JobFollower>();
        builder.Services.AddSingleton<PatientReads>();
        builder.Services.AddSingleton<AwaitJob>();
        builder.Services.AddSingleton<WatchJob>();
        builder.Services.AddHostedService<JobReconciler>();
    }

    public static void MapJobs(this IEndpointRouteBuilder routes)
    {
        var jobs = routes.MapGroup("/v1/jobs").WithTags("Jobs");
        var own = jobs.MapGroup("").RequireAuthorization(AccessModule.Jobs);
        var linked = jobs.MapGroup("").RequireAuthorization(AccessModule.JobsOrLink).WithMetadata(SignedLinks.Parameters);

        own.MapPost("/", SubmitJob.Handle).WithName("CreateJob").Accepts<VideoOrderBody>("application/json")
            .WithSummary("Make a video")
            .WithDescription("Answers 202 wherever a job may exist at fal, an unconfirmed one included; 200 when it ended within Prefer: wait=n (at most 60 seconds). Send an Idempotency-Key: a repeated request then returns the same job. An image in a data URI is checked as by POST /v1/uploads and refused alike.")
            .Produces<JobView>(200).Produces<JobView>(202).WithMetadata(JobNotes.Create)
            .Refuses(
                JsonBody.Malformed, InvalidIdempotencyKey, BudgetModule.MaxCostExceeded, JsonBody.TooLarge, JsonBody.WrongMediaType,
                Deleted, BudgetModule.BudgetExceeded, BudgetModule.TicketSpent, BudgetModule.TooManyJobs, BudgetModule.Frozen, CatalogModule.InvalidInput, CatalogModule.UnknownModel, IdempotencyKeyReused, ModelRejected, JsonBody.TooSlow, AccessModule.TooManyBodies, JsonBody.Overloaded, UpstreamUnavailable, UpstreamBalance, UpstreamAuth)
            .StaysOpen(Preference.IsToWait);
        own.MapGet("/", ListJobs.Handle).WithName("ListJobs")
            .WithSummary("List your jobs").WithDescription("Newest first. Jobs that come while you page do not move the pages.")
            .WithMetadata(JobNotes.List).Refuses(UnreadableParameters.Malformed);
        own.MapGet("/{id}", GetJob.Handle).WithName("GetJob")
            .WithSummary("Get a job").WithDescription("With If-None-Match it answers 304 while nothing changed; with Prefer: wait=n it waits up to 60 seconds for the end.")
            .Produces<JobView>().Produces(304).WithMetadata(JobNotes.Get).Refuses(NotFound).StaysOpen(Preference.IsToWait);
        own.MapDelete("/{id}", DeleteJob.Handle).WithName("DeleteJob")
            .WithSummary("Delete an ended job").WithDescription("Forgets the job and its events. What it cost stays in the ledger; the file stays at fal until it expires there.")
            .WithMetadata(JobNotes.Delete).Refuses(NotFound, StillRunning);
        own.MapPost("/{id}/cancel", CancelJob.Handle).WithName("CancelJob")
            .WithSummary("Ask for a job to be canceled").WithDescription("A request, not a verdict: a job that fal already works on may finish, and be paid. Its status tells.")
            .Produces<JobView>(202).WithMetadata(JobNotes.Cancel).Refuses(NotFound, AlreadyEnded, UpstreamUnavailable);
        routes.MapGet("/v1/attention", ListAttention.Handle).WithName("ListAttention").WithTags("Operator").RequireAuthorization(AccessModule.Operator)
            .WithSummary("List what waits for a person").WithDescription("Newest first, each with its reason. Jobs of which nothing automatic can tell how they end: their holds stay until they are resolved, and they do not count as jobs in flight. Jobs whose bill is not believed, or that fal delivered after they had ended. Requests of fal's that no job here accounts for.")
            .WithMetadata(JobNotes.Attention).Refuses(UnreadableParameters.Malformed);
        jobs.MapPost("/{id}/resolve", ResolveJob.Handle).WithName("ResolveJob").WithTags("Operator").RequireAuthorization(AccessModule.Operator).Accepts<ResolveRequest>("application/json")
            .WithSummary("Decide about a job").WithDescription("Look for it at fal first. request_id: it is this request, and goes on with that. cost: it is over, and fal billed so much for it; whoever asked may not ask again with the same key or ticket. acknowledge: it has ended, or is not here, and was seen. If fal delivers after all what was declared over, the job is corrected and comes back to the list.")
            .WithMetadata(JobNotes.Resolve).Refuses(JsonBody.Malformed, NotFound, NotInAttention, JsonBody.TooLarge, JsonBody.WrongMediaType, BodyFields.Invalid, JsonBody.TooSlow, AccessModule.TooManyBodies, JsonBody.Overloaded, UpstreamUnavailable);
        linked.MapGet("/{id}/events", WatchJob.Handle).WithName("WatchJob")
            .WithSummary("Follow a job").WithDescription("Server-sent events named job, with a heartbeat every 10 seconds, closed after the final event. Whoever has that already gets 204, so that an EventSource stops. With Accept: application/json, what has happened so far. Resumes after Last-Event-ID or ?after=.")
            .Produces<JobEventList>().Produces(204).WithMetadata(JobNotes.Watch).Refuses(UnreadableParameters.Malformed, NotFound).StaysOpen(WatchJob.IsStream);
        linked.MapGet("/{id}/video", GetVideo.Handle).WithName("GetVideo")
            .WithSummary("Watch the video").WithDescription("The MP4, with Range, so that players can seek.")
            .WithMetadata(JobNotes.Video).Refuses(NotFound, NoVideo, StillRunning, MediaExpired, RangeNotSatisfiable, AccessModule.TooManyVideos, JsonBody.Overloaded, UpstreamUnavailable);
        linked.MapMethods("/{id}/video", [HttpMethods.Head], GetVideo.Handle).WithName("HeadVideo")
            .WithSummary("Look whether the video is there").WithDescription("The headers of GET, without the bytes.")
            .WithMetadata(JobNotes.VideoHead).Refuses(NotFound, NoVideo, StillRunning, MediaExpired, RangeNotSatisfiable, UpstreamUnavailable);
    }
}
