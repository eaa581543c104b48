using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

using KlingProxy.Http.Problems;
using KlingProxy.Http.Wire;
using KlingProxy.Jobs.Canceling;

using Microsoft.AspNetCore.Http.Json;
using Microsoft.Extensions.Options;
using Microsoft.Net.Http.Headers;

namespace KlingProxy.Jobs.Reading;

/// <summary>How a job is answered: its view, ETag, Retry-After, Location. A pure function of the job, so that asking twice answers the same.</summary>
internal sealed class JobResponses(JobViews views, JobEncodings encodings, IOptions<JobOptions> options, IOptions<JsonOptions> json)
{
    private readonly JsonTypeInfo<JobView> view = (JsonTypeInfo<JobView>)json.Value.SerializerOptions.GetTypeInfo(typeof(JobView));

    /// <summary>202, or 200 once it ended; a refusal where fal never took it, since then there is nothing to follow.</summary>
    public IResult Created(HttpRequest request, Job job, bool replayed)
    {
        if (replayed)
            request.HttpContext.Response.Headers["Idempotent-Replayed"] = "true";
        if (JobProblems.RefusalOf(job) is { } refusal)
            return refusal.Answer();

        Describe(request, job);
        request.HttpContext.Response.Headers.Location = $"/v1/jobs/{job.Id}";
        return Answer(request, job, job.HasEnded ? StatusCodes.Status200OK : StatusCodes.Status202Accepted);
    }

    /// <summary>The job by which an operator has another made once more.</summary>
    public IResult Retried(HttpRequest request, Job job, bool replayed)
    {
        if (replayed)
            request.HttpContext.Response.Headers["Idempotent-Replayed"] = "true";
        request.HttpContext.Response.Headers.Location = $"/v1/jobs/{job.Id}";
        return ForOperator(request, job, StatusCodes.Status202Accepted);
    }

    public IResult Of(HttpRequest request, Job job, int status = 200) =>
        IsKnown(request, Describe(request, job)) ? TypedResults.StatusCode(StatusCodes.Status304NotModified) : Answer(request, job, status);

    /// <summary>The same with what only operators see.</summary>
    public IResult ForOperator(HttpRequest request, Job job, int status = 200) => IsKnown(request, Describe(request, job, job.Attention?.Word))
        ? TypedResults.StatusCode(StatusCodes.Status304NotModified)
        : new JsonBytes(status, encodings.Of(
            job, views.FormOf(request, "operator"), () => JsonSerializer.SerializeToUtf8Bytes(views.ForOperator(request, job), view)));

    /// <summary>A refusal of what has to wait for the end, which says when to ask again as the job itself does.</summary>
    public Refusal StillRunning() => JobProblems.StillRunning.Because() with { RetryAfter = TimeSpan.FromSeconds(PollSeconds) };

    // At least one: zero would ask for a loop.
    private int PollSeconds => Math.Max(1, (int)options.Value.PollInterval.TotalSeconds);

    private static bool IsKnown(HttpRequest request, EntityTagHeaderValue tag) => HttpMethods.IsGet(request.Method)
        && request.GetTypedHeaders().IfNoneMatch.Any(known => known.Compare(tag, useStrongComparison: false) || known.Equals(EntityTagHeaderValue.Any));

    private JsonBytes Answer(HttpRequest request, Job job, int status) =>
        new(status, encodings.Of(job, views.FormOf(request, "view"), () => JsonSerializer.SerializeToUtf8Bytes(views.Of(request, job), view)));

    /// <param name="beside">What shows beside its events.</param>
    private EntityTagHeaderValue Describe(HttpRequest request, Job job, string? beside = null)
    {
        // Weak: links are signed anew each hour. Lines of the log and a put-off attempt show, and are no events.
        var shown = (job.Version, job.Logs?.Count ?? 0, job.IsUnsent ? job.NextAttemptAt?.ToUnixTimeMilliseconds() : null) switch
        {
            (var version, 0, null) => string.Create(CultureInfo.InvariantCulture, $"{version}"),
            (var version, var lines, null) => string.Create(CultureInfo.InvariantCulture, $"{version}.{lines}"),
            (var version, var lines, { } next) => string.Create(CultureInfo.InvariantCulture, $"{version}.{lines}.{next}"),
        };
        if (job.RetriedAs is { } again)
            shown += $".{again}";
        var tag = new EntityTagHeaderValue(beside is null ? $"\"{shown}\"" : $"\"{shown}.{beside}\"", isWeak: true);
        var headers = request.HttpContext.Response.Headers;
        headers.ETag = tag.ToString();
        headers.CacheControl = "no-store"; // said here, since a 304 has no type by which it would be (RFC 9110 §15.4.5)
        if (!job.HasEnded)
            headers.RetryAfter = PollSeconds.ToString(CultureInfo.InvariantCulture);
        return tag;
    }
}
