using System.Text.RegularExpressions;

using KlingProxy.Catalog;
using KlingProxy.Jobs;

namespace KlingProxy.FalProtocol;

/// <summary>
/// One call of a fal client, as one of the few that we know how to answer. Nothing is forwarded, so a target is not judged but recognised: it is
/// exactly one of these addresses, letter by letter, or it is nothing. What no parser interprets, no two parsers can read differently.
/// </summary>
/// <param name="Method">The only HTTP method of this operation.</param>
internal abstract partial record FalOperation(string Method)
{
    public sealed record Submit(KlingModel Model) : FalOperation(HttpMethods.Post)
    {
        /// <summary>Where the caller wants to be called, as it was written.</summary>
        public string? Webhook { get; init; }

        /// <summary>How long the queue may be at most, as it was written.</summary>
        public string? MostQueued { get; init; }
    }

    /// <summary>Answered in the same response, by way of the queue.</summary>
    public sealed record Run(KlingModel Model) : FalOperation(HttpMethods.Post);

    public sealed record Status(RequestName Request, bool Logs) : FalOperation(HttpMethods.Get);

    public sealed record StatusStream(RequestName Request, bool Logs) : FalOperation(HttpMethods.Get);

    public sealed record Result(RequestName Request) : FalOperation(HttpMethods.Get);

    public sealed record Cancel(RequestName Request) : FalOperation(HttpMethods.Put);

    /// <param name="InParts">As clients do from 90 MiB on.</param>
    public sealed record InitiateUpload(bool InParts) : FalOperation(HttpMethods.Post);

    /// <summary>A call that fal's clients make, and that is answered with what to call in its place, whatever its method.</summary>
    public sealed record Token : FalOperation
    {
        private Token()
            : base("") { }

        /// <summary>A token of fal's is a key: it reads the account's files, or spends its money.</summary>
        public static readonly Token Refused = new();
    }

    private const string Queue = "https://queue.fal.run/", Direct = "https://fal.run/";

    /// <summary>The second name is what clients of before 2026 use; they are answered from here alike.</summary>
    private static readonly string[] Rest = ["https://rest.fal.ai/", "https://rest.alpha.fal.ai/"];

    /// <summary>Where Python's and Swift's clients send bytes with a token.</summary>
    private static readonly string[] TokenUploads = ["https://v3.fal.media/files/upload", "https://v3b.fal.media/files/upload"];

    /// <summary>In characters. A webhook address makes a target long; more is no address of fal's.</summary>
    private const int LongestTarget = 4096;

    /// <param name="target">An absolute address at fal.</param>
    /// <returns><c>null</c> for everything that is not one of ours to answer.</returns>
    public static FalOperation? Parse(string target, ModelCatalog catalog)
    {
        if (target.Length > LongestTarget || target.Any(character => character is < '!' or > '~' or '#' or '\\'))
            return null;
        if (target.StartsWith(Queue, StringComparison.Ordinal))
            return OnQueue(target[Queue.Length..], catalog);
        if (target.StartsWith(Direct, StringComparison.Ordinal))
            return Find(target[Direct.Length..], catalog) is { } model ? new Run(model) : null;
        if (TokenUploads.Any(start => target.StartsWith(start, StringComparison.Ordinal)))
            return Token.Refused;

        var rest = Rest.FirstOrDefault(start => target.StartsWith(start, StringComparison.Ordinal));
        return rest is null ? null : OnRest(target[rest.Length..]);
    }

    // Clients before 1.2 name no kind of storage, Python's as its last resort names gcs; bytes come here either way.
    private static FalOperation? OnRest(string call) => call switch
    {
        "storage/upload/initiate" or "storage/upload/initiate?storage_type=fal-cdn-v3" or "storage/upload/initiate?storage_type=fal-cdn" or "storage/upload/initiate?storage_type=gcs" =>
            new InitiateUpload(InParts: false),
        "storage/upload/initiate-multipart" or "storage/upload/initiate-multipart?storage_type=fal-cdn-v3" or "storage/upload/initiate-multipart?storage_type=gcs" =>
            new InitiateUpload(InParts: true),
        "tokens/" or "tokens" or "storage/auth/token" or "storage/auth/token?storage_type=fal-cdn-v3" => Token.Refused,
        _ => null,
    };

    private static FalOperation? OnQueue(string rest, ModelCatalog catalog)
    {
        var (path, query) = FalQuery.Split(rest);
        if (query is null)
            return null;
        if (RequestPath().Match(path) is not { Success: true } match)
        {
            return Find(path, catalog) is { } model && query.HasOnly("fal_webhook", "fal_max_queue_length")
                ? new Submit(model) { Webhook = query["fal_webhook"], MostQueued = query["fal_max_queue_length"] }
                : null;
        }

        // fal's own documents also write the whole model here, and follow the result by another name.
        var request = new RequestName(match.Groups["of"].Value, match.Groups["id"].Value);
        if (!catalog.Enabled.Any(known => request.Of == known.Id || request.Of == KlingModel.AppOf(known.Id)))
            return null;
        var hasLogs = query.TryReadLogs(out var logs);
        return match.Groups["what"].Value switch
        {
            "" or "/response" when query.HasOnly(FalQuery.OfLinks) => new Result(request),
            "/cancel" when query.HasOnly(FalQuery.OfLinks) => new Cancel(request),
            "/status" when hasLogs && query.HasOnly([.. FalQuery.OfLinks, FalQuery.Logs]) => new Status(request, logs),
            "/status/stream" when hasLogs && query.HasOnly([.. FalQuery.OfLinks, FalQuery.Logs]) => new StatusStream(request, logs),
            _ => null,
        };
    }

    // A full address given to the client as a model gets a slash at its end.
    private static KlingModel? Find(string path, ModelCatalog catalog) => catalog.Find(path.EndsWith('/') ? path[..^1] : path);

    [GeneratedRegex(@"^(?<of>[a-z0-9-]+(/[a-z0-9-]+)+)/requests/(?<id>[A-Za-z0-9_-]{1,128})(?<what>/status/stream|/status|/response|/cancel|)\z", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex RequestPath();
}

/// <summary>A request as a fal client names it.</summary>
/// <param name="Of">The model's whole id; or owner and alias, its first two segments, which all requests of an app share.</param>
/// <param name="Id">Our job's id.</param>
internal sealed record RequestName(string Of, string Id)
{
    /// <summary>Whether it names this job.</summary>
    public bool IsOf(Job job) => Id == job.Id && (Of == job.Model || Of == KlingModel.AppOf(job.Model));
}
