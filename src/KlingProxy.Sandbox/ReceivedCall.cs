namespace KlingProxy.Sandbox;

/// <summary>The operations that fal offers and the sandbox answers.</summary>
public enum SandboxOperation
{
    /// <summary>No such path or method.</summary>
    Unknown,
    Submit,
    Status,
    Stream,
    Result,
    Cancel,
    Initiate,
    Put,
    Media,
    Jwks,

    /// <summary>Requests by endpoint, of the Platform API.</summary>
    Listing,

    /// <summary>What was billed, of the Platform API.</summary>
    Usage,
}

/// <summary>One request as it arrived, before it was judged.</summary>
public sealed record ReceivedCall
{
    public required DateTimeOffset At { get; init; }
    public required SandboxOperation Operation { get; init; }
    public required string Method { get; init; }

    /// <summary>As sent, still escaped.</summary>
    public required string PathAndQuery { get; init; }

    /// <summary>Case-insensitive; several values of one name are joined by a comma.</summary>
    public required IReadOnlyDictionary<string, string> Headers { get; init; }

    public required long BodyLength { get; init; }

    /// <summary>The first 16 KiB of the body.</summary>
    public required ReadOnlyMemory<byte> BodyStart { get; init; }

    /// <summary>False when the caller hung up within the body.</summary>
    public required bool IsWhole { get; init; }

    /// <summary>
    /// The job that was spoken of; for a submit the id it was given, for media the job that made it, for a listing the one it was narrowed to.
    /// </summary>
    public string? RequestId { get; init; }

    /// <summary>True where a key has no business: presigned uploads, media and JWKS.</summary>
    public required bool IsPublic { get; init; }

    /// <summary>A credential was sent to a place that needs none: a proxy that does this leaks its key.</summary>
    public bool LeaksCredential => IsPublic && Headers.ContainsKey("Authorization");
}
