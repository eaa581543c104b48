namespace KlingProxy.Http.Problems;

/// <summary>A refusal with a name that never changes (RFC 9457). Each folder declares its own; one type renders them all.</summary>
/// <param name="Code">Stable and unique; the last segment of <c>type</c>, where it is served as a page.</param>
/// <param name="Status">The HTTP status.</param>
/// <param name="Title">One sentence, the same for every occurrence.</param>
/// <param name="Help">What the reader of the problem's page can do about it.</param>
internal sealed record Problem(string Code, int Status, string Title, string Help)
{
    public string Type => $"/problems/{Code}";

    /// <summary>The names under which a refusal carries what its page says too, and when to come back.</summary>
    public const string HelpField = "help", RetryAfterField = "retry_after";

    /// <summary>A broken rule of this kind, as the API description shows it.</summary>
    public Violation? Typical { get; init; }

    /// <summary>In seconds; when it is worth trying again where nothing better is known. Every 429 and 503 says when.</summary>
    public int RetryAfter { get; init; } = 5;

    /// <summary>Whether it passes by itself.</summary>
    public bool Passes => Status is StatusCodes.Status429TooManyRequests or StatusCodes.Status503ServiceUnavailable;
}
