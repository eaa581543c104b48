using KlingProxy.Access.Credentials;
using KlingProxy.Http.Problems;

namespace KlingProxy.Access;

/// <summary>Why a caller is not let in, or not now.</summary>
internal static class AccessProblems
{
    public static readonly Problem
        Unauthorized = new("unauthorized", 401, "A valid credential is required.",
            "Send Authorization: Bearer with a key (kp_…) that is neither expired nor revoked, or a ticket (kt_…) that is not over; or use the signed link as "
                + "it was given."),
        Forbidden = new("forbidden", 403, "This credential does not allow that.",
            "The key lacks the scope of this operation: jobs for models, quotes, uploads and jobs; tickets for tickets; operator for keys, audit, freeze, "
                + "attention, ledger, usage and everybody's jobs."),
        OriginRefused = new("origin-refused", 403, "This credential works only from the web pages it was made for.",
            "The request's Origin is none of the key's or ticket's origins, or it has none. A server, or another page, needs a credential of its own."),
        KeyNotFound = new("key-not-found", 404, "There is no such key.", "GET /v1/keys lists the keys."),
        KeyEnded = new("key-ended", 409, "The key has expired or was revoked.", "Neither a change nor a new secret makes it work again. Create another key."),
        TooManyRequests = new("too-many-requests", 429, "You call too often.",
            "Come back after Retry-After. The RateLimit header says with every answer what is left."),
        TooManyStreams = new("too-many-streams", 429, "You hold too many calls open.",
            "Close event streams that nobody looks at, or ask without Prefer: wait."),
        TooManyBodies = new("too-many-bodies", 429, "You send too much at a time.",
            "Wait until an upload, or the body of another request, has been read, and try again after Retry-After. Nothing was done."),
        TooManyVideos = new("too-many-videos", 429, "You read too many videos at a time.",
            "Close players that nobody looks at, or wait until a download has ended, and try again after Retry-After."),
        IdentityUnavailable = new("identity-unavailable", 503, "Your sign-in cannot be checked at the moment.",
            "The app's identity provider could not be asked for its keys. Nothing is wrong with the token, as far as is known: try again after Retry-After.");

    public static readonly IReadOnlyList<Problem> All =
        [Unauthorized, Forbidden, OriginRefused, KeyNotFound, KeyEnded, TooManyRequests, TooManyStreams, TooManyBodies, TooManyVideos, IdentityUnavailable];

    /// <summary>The refusal of a credential that ended while its request was under way.</summary>
    public static Refusal Explain(CredentialEnd end) => end == CredentialEnd.OutOfScope
        ? Forbidden.Because("It has lost that right since the request began. Nothing was done.")
        : Unauthorized.Because("It ended while the request was under way: revoked, expired, or replaced. Nothing was done.");
}
