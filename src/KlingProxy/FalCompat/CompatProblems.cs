using KlingProxy.Http.Problems;

namespace KlingProxy.FalCompat;

/// <summary>What fal's own clients may not ask of us.</summary>
internal static class CompatProblems
{
    public static readonly Problem
        TargetRefused = new("fal-target-refused", 400, "This is not a call that this proxy answers.",
            "The detail lists the calls that it does. It is no general proxy: it knows the enabled models and the caller's own requests, "
                + "and forwards nothing else."),
        WrongMethod = new("fal-wrong-method", 405, "This call of fal's has another method.",
            "The Allow header and the detail name the right one. An input goes into the body of a POST, not into the query."),
        WebhookRefused = new("fal-webhook-refused", 400, "Nobody is called back from here yet.",
            "The request would be made, and you would wait for a call that never comes. Submit it without fal_webhook and follow it. Nothing was spent."),
        InvalidTerms = new("fal-invalid-terms", 400, "A header or parameter of this call cannot be honoured.",
            "The detail names it and says what it may be. Nothing was spent.");

    public static readonly IReadOnlyList<Problem> All = [TargetRefused, WrongMethod, WebhookRefused, InvalidTerms];
}
