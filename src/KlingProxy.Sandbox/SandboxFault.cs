using System.Text.RegularExpressions;

namespace KlingProxy.Sandbox;

/// <summary>What can go wrong on request: <c>sandbox:&lt;name&gt;</c> anywhere in a prompt, or <see cref="FalSandbox.Fault"/> for all jobs.</summary>
public enum SandboxFault
{
    /// <summary>Submit answers 422; nothing is queued.</summary>
    Rejects,

    /// <summary>Submit answers 403, account locked; nothing is queued.</summary>
    EmptyBalance,

    /// <summary>Submit answers 429; nothing is queued. Twice, where <see cref="SandboxOptions.FaultsPass"/>.</summary>
    RateLimited,

    /// <summary>Submit answers 502 in HTML; nothing is queued, but for where <see cref="SandboxOptions.FaultsPass"/>.</summary>
    Html502,

    /// <summary>The job is queued, then the connection breaks without an answer.</summary>
    LosesReply,

    /// <summary>The job is queued, but the answer takes a minute of <see cref="SandboxOptions.Clock"/>.</summary>
    HoldsReply,

    /// <summary>Stays in the queue until cancelled or past its start deadline, which comes soon where <see cref="SandboxOptions.FaultsPass"/>.</summary>
    Stalls,

    /// <summary>Goes back into the queue for the middle third of its run.</summary>
    Regresses,

    /// <summary>Every status stream ends after one event.</summary>
    DropsStream,

    /// <summary>Looks completed; the result is 422 <c>content_policy_violation</c>.</summary>
    CompletesThen422,

    /// <summary>The result is HTML 504 three times, then the video.</summary>
    Result504Thrice,

    /// <summary>No webhook is sent.</summary>
    LosesWebhook,

    /// <summary>Fifty webhooks at once.</summary>
    Delivers50,

    /// <summary>Completes at once, and the webhook arrives before submit answers.</summary>
    DeliversBeforeReply,

    /// <summary>The signature comes from a key that nobody published.</summary>
    SignsWrongly,

    /// <summary>Rightly signed, for another customer's account.</summary>
    SignsForAnotherAccount,

    /// <summary>The webhook says OK with a null payload and a <c>payload_error</c>.</summary>
    PayloadNull,

    /// <summary>Bills three units more than the video has seconds, and says so.</summary>
    BillsMore,

    /// <summary>Bills a hundredth of a second more, as for a clip with a frame too many.</summary>
    BillsAFrameMore,

    /// <summary>Bills rightly, and says NaN.</summary>
    BillsNonsense,
}

/// <summary>The names by which prompts ask for faults.</summary>
public static partial class SandboxFaults
{
    public static IReadOnlyDictionary<string, SandboxFault> ByName { get; } = new Dictionary<string, SandboxFault>(StringComparer.OrdinalIgnoreCase)
    {
        ["rejects"] = SandboxFault.Rejects,
        ["empty-balance"] = SandboxFault.EmptyBalance,
        ["rate-limited"] = SandboxFault.RateLimited,
        ["html-502"] = SandboxFault.Html502,
        ["loses-reply"] = SandboxFault.LosesReply,
        ["holds-reply"] = SandboxFault.HoldsReply,
        ["stalls"] = SandboxFault.Stalls,
        ["regresses"] = SandboxFault.Regresses,
        ["drops-stream"] = SandboxFault.DropsStream,
        ["completes-then-422"] = SandboxFault.CompletesThen422,
        ["result-504-thrice"] = SandboxFault.Result504Thrice,
        ["loses-webhook"] = SandboxFault.LosesWebhook,
        ["delivers-50"] = SandboxFault.Delivers50,
        ["delivers-before-reply"] = SandboxFault.DeliversBeforeReply,
        ["signs-wrongly"] = SandboxFault.SignsWrongly,
        ["signs-for-another-account"] = SandboxFault.SignsForAnotherAccount,
        ["payload-null"] = SandboxFault.PayloadNull,
        ["bills-more"] = SandboxFault.BillsMore,
        ["bills-a-frame-more"] = SandboxFault.BillsAFrameMore,
        ["bills-nonsense"] = SandboxFault.BillsNonsense,
    };

    /// <summary>The first name asked for, known or not.</summary>
    internal static string? NameIn(IEnumerable<string> prompts) => prompts
        .Select(prompt => Request().Match(prompt))
        .FirstOrDefault(match => match.Success)?.Groups["name"].Value;

    [GeneratedRegex("sandbox:(?<name>[a-z0-9]+(-[a-z0-9]+)*)", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Request();
}
