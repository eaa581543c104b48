using KlingProxy.Http.Problems;

namespace KlingProxy.FalWebhooks;

/// <summary>Why a delivery is not accepted, in words for fal's operators.</summary>
internal static class WebhookProblems
{
    public static readonly Problem NotGenuine = new("delivery-refused", 401, "This delivery is not accepted.",
        "Only fal delivers here, about a request of this service's own account, freshly signed.");

    public static readonly Problem KeysUnavailable = new("signing-keys-unavailable", 503, "The delivery cannot be verified at the moment.",
        "fal's signing keys could not be fetched. Deliver again later.");

    public static readonly Problem NotYet = new("delivery-unconfirmed", 503, "What the delivery is about cannot be asked for at the moment.",
        "It is written down; fal did not say what it billed. Deliver again later.");

    public static readonly Problem TooMany = new("too-many-deliveries", 429, "There were too many deliveries about this job.",
        "One of them is enough: the end is fetched from fal, not taken from the delivery. Deliver again after Retry-After.");

    public static readonly IReadOnlyList<Problem> All = [NotGenuine, KeysUnavailable, NotYet, TooMany];
}
