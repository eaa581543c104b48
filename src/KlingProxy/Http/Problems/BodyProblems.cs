namespace KlingProxy.Http.Problems;

/// <summary>Why a body is not read.</summary>
internal static class BodyProblems
{
    /// <summary>Of a body of JSON; what else is malformed is so in words of its own, <c>Malformed with { Help = … }</c>.</summary>
    public static readonly Problem Malformed = new("malformed", 400, "The request could not be read.",
        "A JSON body must be one object in UTF-8, without comments, trailing commas or repeated names. The detail says what could not be read, and where.");
    public static readonly Problem TooLarge = new("too-large", 413, "The request body is too large.",
        "The detail names the limit in bytes. Send large images to POST /v1/uploads instead of writing them into JSON.");
    public static readonly Problem WrongMediaType = new("unsupported-media-type", 415, "The request body has the wrong media type.",
        "Send Content-Type: application/json (UTF-8) to JSON routes; an image type or multipart/form-data to POST /v1/uploads.");
    public static readonly Problem TooSlow = new("body-too-slow", 408, "The request body came too slowly.",
        "Up to 64 KiB have to be there within ten seconds; more has to keep a pace, after ten seconds to get going, and to be there within minutes. Nothing "
            + "was done. Send less, or try again on a better connection.");

    public static readonly Problem Overloaded = new("overloaded", 503, "The service has its hands full.",
        "Too many bodies are being read, too many calls are held open, or there is no room for them. Nothing was done: try again after Retry-After.");
}
