namespace KlingProxy.Http.Problems;

/// <summary>What any address may answer.</summary>
internal static class HttpProblems
{
    public static readonly Problem Internal = new("internal", 500, "Something went wrong on our side.",
        "Nothing is known to be wrong with the request. Quote request_id to the operator. A job that was created is not lost: list your jobs before you send "
            + "it again.");
    public static readonly Problem NotFound = new("not-found", 404, "There is nothing here.", "See /openapi/v1.json or /swagger for the routes that exist.");
    public static readonly Problem MethodNotAllowed = new("method-not-allowed", 405, "This route does not know that method.",
        "The Allow header lists the methods it knows.");

    // Refused by the server or the framework, which know of no JSON.
    public static Problem Unreadable => BodyProblems.Malformed with
    {
        Help = "The request, or its body, ended early, is framed wrongly, or is none that this route takes. Look at what the "
            + "client, or a proxy before this server, really sent.",
    };
}
