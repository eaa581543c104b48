using System.Text.RegularExpressions;

using KlingProxy.Ids;
using KlingProxy.Jobs;
using KlingProxy.Models;

namespace KlingProxy.FalCompat;

/// <summary>
/// One call of a fal client, as one of the few that we know how to answer. Nothing is forwarded, so a target is not judged but recognised: it is
/// exactly one of these addresses, letter by letter, or it is nothing; of a known address it is said what is wrong with its query. What no parser interprets,
/// no two parsers can read differently.
/// </summary>
/// <param name="Method">The only HTTP method of this operation.</param>
internal abstract partial record CompatOperation(string Method)
{
    /// <summary>What may cost money. Both doors take the same wishes, so that neither drops in silence what the other refuses.</summary>
    public abstract record Purchase(KlingModel Model) : CompatOperation(HttpMethods.Post)
    {
        /// <summary>Where the caller wants to be called, as it was written.</summary>
        public string? Webhook { get; init; }

        /// <summary>How long the queue may be at most, as it was written.</summary>
        public string? MaxQueueLength { get; init; }
    }

    public sealed record Submit(KlingModel Model) : Purchase(Model);

    /// <summary>Answered in the same response, by way of the queue.</summary>
    public sealed record Run(KlingModel Model) : Purchase(Model);

    public sealed record Status(RequestName Request, bool Logs) : CompatOperation(HttpMethods.Get);

    public sealed record StatusStream(RequestName Request, bool Logs) : CompatOperation(HttpMethods.Get);

    public sealed record Result(RequestName Request) : CompatOperation(HttpMethods.Get);

    public sealed record Cancel(RequestName Request) : CompatOperation(HttpMethods.Put);

    /// <param name="InParts">As clients do from 90 MiB on.</param>
    public sealed record InitiateUpload(bool InParts) : CompatOperation(HttpMethods.Post);

    /// <summary>A call that is known but for its query: answered with what is wrong there, whatever its method.</summary>
    /// <param name="Fault">A sentence that names the parameter, and what may stand there.</param>
    public sealed record BadQuery(string Fault) : CompatOperation("");

    /// <summary>A call that fal's clients make, and that is answered with what to call in its place, whatever its method.</summary>
    public sealed record Token : CompatOperation
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
    private const int MaxTargetLength = 4096;

    /// <param name="target">An absolute address at fal.</param>
    /// <returns><c>null</c> for everything that is not one of ours to answer.</returns>
    public static CompatOperation? Parse(string target, ModelCatalog catalog)
    {
        if (target.Length > MaxTargetLength || target.Any(character => character is < '!' or > '~' or '#' or '\\'))
            return null;
        if (target.StartsWith(Queue, StringComparison.Ordinal))
            return OnQueue(target[Queue.Length..], catalog);
        if (target.StartsWith(Direct, StringComparison.Ordinal))
            return OnDirect(target[Direct.Length..], catalog);
        if (TokenUploads.Any(start => target.StartsWith(start, StringComparison.Ordinal)))
            return Token.Refused;

        var rest = Rest.FirstOrDefault(start => target.StartsWith(start, StringComparison.Ordinal));
        return rest is null ? null : OnRest(target[rest.Length..]);
    }

    private static CompatOperation? OnRest(string call)
    {
        if (call is "tokens/" or "tokens" or "storage/auth/token" or "storage/auth/token?storage_type=fal-cdn-v3")
            return Token.Refused;
        var (path, query) = CompatQuery.Split(call);
        if (path is not ("storage/upload/initiate" or "storage/upload/initiate-multipart"))
            return null;
        var fault = query.FaultBeside(CompatQuery.StorageType) ?? query.FaultOfStorageType;
        return Known(new InitiateUpload(InParts: path.EndsWith("-multipart", StringComparison.Ordinal)), fault);
    }

    private static CompatOperation? OnDirect(string rest, ModelCatalog catalog)
    {
        var (path, query) = CompatQuery.Split(rest);
        return Find(path, catalog) is { } model ? Purchased(new Run(model), query) : null;
    }

    private static CompatOperation? OnQueue(string rest, ModelCatalog catalog)
    {
        var (path, query) = CompatQuery.Split(rest);
        if (RequestPath().Match(path) is not { Success: true } match)
            return Find(path, catalog) is { } model ? Purchased(new Submit(model), query) : null;

        // fal's own documents also write the whole model here, and follow the result by another name.
        var request = new RequestName(match.Groups["of"].Value, new JobId(match.Groups["id"].Value));
        if (!catalog.Enabled.Any(known => request.Of == known.Id || request.Of == KlingModel.AppOf(known.Id)))
            return null;
        var what = match.Groups["what"].Value;
        if (what == "/cancel")
            return Known(new Cancel(request), query.FaultBesideLink());
        var fault = query.FaultBesideLink(CompatQuery.Logs) ?? query.FaultOfLogs;
        return Known(what switch
        {
            "/status" => new Status(request, query.HasLogs),
            "/status/stream" => new StatusStream(request, query.HasLogs),
            _ => new Result(request), // it has no logs, and some ask for them all the same: nothing is lost without
        }, fault);
    }

    private static CompatOperation Purchased(Purchase wanted, CompatQuery query) => Known(
        wanted with { Webhook = query[CompatQuery.Webhook], MaxQueueLength = query[CompatQuery.MaxQueueLength] },
        query.FaultBeside(CompatQuery.Webhook, CompatQuery.MaxQueueLength) is { } fault ? $"{fault} The input goes into the body." : null);

    private static CompatOperation Known(CompatOperation operation, string? fault) => fault is null ? operation : new BadQuery(fault);

    // A full address given to the client as a model gets a slash at its end.
    private static KlingModel? Find(string path, ModelCatalog catalog) => catalog.Find(path.EndsWith('/') ? path[..^1] : path);

    [GeneratedRegex(@"^(?<of>[a-z0-9-]+(/[a-z0-9-]+)+)/requests/(?<id>[A-Za-z0-9_-]{1,128})(?<what>/status/stream|/status|/response|/cancel|)\z",
        RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex RequestPath();
}

/// <summary>A request as a fal client names it.</summary>
/// <param name="Of">The model's whole id; or owner and alias, its first two segments, which all requests of an app share.</param>
/// <param name="Id">Our job's id.</param>
internal sealed record RequestName(string Of, JobId Id)
{
    /// <summary>Whether it names this job.</summary>
    public bool IsOf(Job job) => Id == job.Id && (Of == job.Model || Of == KlingModel.AppOf(job.Model));
}
