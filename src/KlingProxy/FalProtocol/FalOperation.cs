using System.Text.RegularExpressions;

using KlingProxy.Catalog;

namespace KlingProxy.FalProtocol;

/// <summary>
/// One call of a fal client, as one of the few that we know how to answer. Nothing is forwarded, so a target is not judged but recognised: it is
/// exactly one of these addresses, letter by letter, or it is nothing. What no parser interprets, no two parsers can read differently.
/// </summary>
/// <param name="Method">The only HTTP method of this operation.</param>
internal abstract partial record FalOperation(string Method)
{
    public sealed record Submit(KlingModel Model) : FalOperation(HttpMethods.Post);

    /// <summary>Answered in the same response, by way of the queue.</summary>
    public sealed record Run(KlingModel Model) : FalOperation(HttpMethods.Post);

    public sealed record Status(RequestName Request, bool Logs) : FalOperation(HttpMethods.Get);

    public sealed record StatusStream(RequestName Request, bool Logs) : FalOperation(HttpMethods.Get);

    public sealed record Result(RequestName Request) : FalOperation(HttpMethods.Get);

    public sealed record Cancel(RequestName Request) : FalOperation(HttpMethods.Put);

    /// <param name="InParts">As clients do from 90 MiB on.</param>
    public sealed record InitiateUpload(bool InParts) : FalOperation(HttpMethods.Post);

    private const string Queue = "https://queue.fal.run/", Direct = "https://fal.run/";

    /// <summary>The second name is what clients of before 2026 use; they are answered from here alike.</summary>
    private static readonly string[] UploadsAt = ["https://rest.fal.ai/storage/upload/", "https://rest.alpha.fal.ai/storage/upload/"];

    /// <summary>In characters. A webhook address makes a target long; more is no address of fal's.</summary>
    private const int LongestTarget = 4096;

    /// <summary>A target of the plain layout: what stands behind <c>/fal/queue/</c>, query included.</summary>
    public static FalOperation? OfQueue(string pathAndQuery, ModelCatalog catalog) => Parse(Queue + pathAndQuery, catalog);

    /// <summary>What stands behind <c>/fal/run/</c>, query included.</summary>
    public static FalOperation? OfRun(string pathAndQuery, ModelCatalog catalog) => Parse(Direct + pathAndQuery, catalog);

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

        var storage = UploadsAt.FirstOrDefault(start => target.StartsWith(start, StringComparison.Ordinal));
        return storage is null ? null : target[storage.Length..] switch
        {
            "initiate?storage_type=fal-cdn-v3" or "initiate?storage_type=gcs" => new InitiateUpload(InParts: false),
            "initiate-multipart?storage_type=fal-cdn-v3" => new InitiateUpload(InParts: true),
            _ => null,
        };
    }

    private static FalOperation? OnQueue(string rest, ModelCatalog catalog)
    {
        if (RequestPath().Match(rest) is not { Success: true } match)
            return Find(WithoutWebhook(rest), catalog) is { } model ? new Submit(model) : null;

        var request = new RequestName(match.Groups["app"].Value, match.Groups["id"].Value);
        if (!catalog.Enabled.Any(known => KlingModel.AppOf(known.Id) == request.App))
            return null;
        var (what, query) = (match.Groups["what"].Value, match.Groups["query"].Value);
        return (what, query) switch
        {
            ("", "") => new Result(request),
            ("/cancel", "") => new Cancel(request),
            ("/status", _) when TryReadLogs(query, out var logs) => new Status(request, logs),
            ("/status/stream", _) when TryReadLogs(query, out var logs) => new StatusStream(request, logs),
            _ => null,
        };
    }

    // A full address given to the client as a model gets a slash at its end.
    private static KlingModel? Find(string path, ModelCatalog catalog) => catalog.Find(path.EndsWith('/') ? path[..^1] : path);

    // Read and dropped: it would tell fal to report about our job to somebody else.
    private static string WithoutWebhook(string rest) => rest.IndexOf("?fal_webhook=", StringComparison.Ordinal) is > 0 and var at && !rest.AsSpan(at).Contains('&') ? rest[..at] : rest;

    private static bool TryReadLogs(string query, out bool logs)
    {
        logs = query is "?logs=1" or "?logs=true";
        return logs || query is "" or "?logs=0" or "?logs=false";
    }

    [GeneratedRegex(@"^(?<app>[a-z0-9-]+/[a-z0-9-]+)/requests/(?<id>[A-Za-z0-9_-]{1,128})(?<what>/status/stream|/status|/cancel|)(?<query>\?[a-z]+=[a-z0-9]+|)\z", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex RequestPath();
}

/// <summary>A request as a fal client names it.</summary>
/// <param name="App">Owner and alias: the first two segments of the model's id, which all its requests share.</param>
/// <param name="Id">Our job's id.</param>
internal sealed record RequestName(string App, string Id);
