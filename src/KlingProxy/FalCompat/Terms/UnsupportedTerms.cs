using System.Globalization;

using KlingProxy.Http.Problems;

namespace KlingProxy.FalCompat.Terms;

/// <summary>
/// What a call asks for that is not done here. Nothing is dropped in silence: a wish without which its caller would wait for ever is refused; any
/// other is named in a header of the answer, since a refusal would keep out a client that cannot help sending it.
/// </summary>
internal static class UnsupportedTerms
{
    /// <summary>Names the headers and parameters that had no effect.</summary>
    public const string Ignored = "X-KlingProxy-Ignored";

    /// <summary>fal's documents write this where an address may stand. Nobody can own it, so nobody waits there.</summary>
    private const string Placeholder = "https://optional.webhook.url/";

    /// <summary>Say what the caller is, and ask for nothing.</summary>
    private static readonly string[] Remarks = ["x-fal-target-url", "x-fal-client-proxy", "x-fal-request-source"];

    /// <summary>Names in one answer, and characters of one name.</summary>
    private const int MaxNames = 20, MaxNameLength = 64;

    /// <returns><c>null</c> when there is nothing to refuse.</returns>
    public static Refusal? FaultOf(CompatOperation operation) => operation switch
    {
        CompatOperation.Purchase { Webhook: { } webhook } when !IsPlaceholder(webhook) => CompatProblems.WebhookRefused.Because(
            "fal_webhook (webhookUrl in fal's clients) is not called from here. Leave it out, and follow the request: by its status, by its status stream "
                + "(subscribe), or by GET /v1/jobs/{request_id}/events. Nothing was spent."),
        CompatOperation.Purchase { MaxQueueLength: { } max } when !int.TryParse(max, NumberStyles.None, CultureInfo.InvariantCulture, out _) =>
            CompatProblems.InvalidTerms.Because("fal_max_queue_length must be a whole number. Nothing was spent."),
        _ => null,
    };

    /// <summary>Before the answer is written.</summary>
    public static void TellIgnored(CompatOperation operation, HttpRequest request)
    {
        string[] honoured = operation switch
        {
            CompatOperation.Purchase => CompatHeaders.OfSubmit,
            CompatOperation.InitiateUpload => CompatHeaders.OfUpload,
            _ => [],
        };
        var ignored = new List<string>();
        foreach (var (name, _) in request.Headers) // of every poll: what is not fal's costs nothing
            if (IsOfFals(name) && name.Length <= MaxNameLength && name.ToLowerInvariant() is var known && !honoured.Contains(known) && !Remarks.Contains(known))
                ignored.Add(known);
        ignored.Sort(StringComparer.Ordinal);
        ignored.InsertRange(0, Parameters(operation));
        if (ignored.Count > 0)
            request.HttpContext.Response.Headers[Ignored] = string.Join(", ", ignored.Take(MaxNames));
    }

    private static bool IsOfFals(string name) =>
        name.StartsWith("x-fal-", StringComparison.OrdinalIgnoreCase) || name.Equals("x-app-fal-disable-fallback", StringComparison.OrdinalIgnoreCase);

    private static IEnumerable<string> Parameters(CompatOperation operation)
    {
        if (operation is not CompatOperation.Purchase wanted)
            yield break;
        if (wanted.Webhook is not null)
            yield return CompatQuery.Webhook;
        if (wanted.MaxQueueLength is not null)
            yield return CompatQuery.MaxQueueLength;
    }

    private static bool IsPlaceholder(string webhook) => Uri.UnescapeDataString(webhook).StartsWith(Placeholder, StringComparison.Ordinal);
}
