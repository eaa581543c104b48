using System.Buffers;

using KlingProxy.Access.Credentials;
using KlingProxy.Access.Polls;
using KlingProxy.Ids;
using KlingProxy.Jobs.Following;
using KlingProxy.Jobs.Watching;

namespace KlingProxy.Jobs.Reading;

/// <summary><c>GET /v1/jobs/{id}</c> that does not wait.</summary>
internal sealed class JobPoll(OwnJobs jobs, AwaitJob awaitJob, JobFollower follower, JobResponses responses) : IPoll
{
    private const string Path = "/v1/jobs/";

    /// <summary>Of a name that reads the same in an address; another may be escaped.</summary>
    private static readonly SearchValues<char> Plain = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-");

    public bool Is(HttpContext context) =>
        context.Request is { Path.Value: { } path, QueryString.HasValue: false } request
        && path.Length > Path.Length && path.StartsWith(Path, StringComparison.Ordinal) && !path.AsSpan(Path.Length).ContainsAnyExcept(Plain)
        && !request.Headers.ContainsKey(PreferHeader.Name);

    public Task<IResult> Answer(HttpContext context, Caller caller) => GetJob.Handle(
        new JobId(context.Request.Path.Value![Path.Length..]), context.Request, caller, jobs, awaitJob, follower, responses, context.RequestAborted);
}
