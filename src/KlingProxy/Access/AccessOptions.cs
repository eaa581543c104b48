namespace KlingProxy.Access;

/// <summary>Who may call. Section <c>Access</c>. Closed by default.</summary>
internal sealed class AccessOptions
{
    /// <summary>The first key, operator scope: it creates all others. At least 16 characters.</summary>
    public string? OperatorKey { get; set; }

    /// <summary>A file that holds the operator key; read at start.</summary>
    public string? OperatorKeyFile { get; set; }

    /// <summary>Open without credentials, to everyone who can reach the port. Callers are told apart by address.</summary>
    public bool Anonymous { get; set; }

    /// <summary>Where fal and browsers reach us, and the base of every absolute link; root setting <c>PublicUrl</c>. None: fal cannot call, so we poll.</summary>
    public Uri? PublicUrl { get; set; }

    /// <summary>How long a signed link to events or video opens at least. 1 min – 7 days.</summary>
    public TimeSpan LinkLifetime { get; set; } = TimeSpan.FromHours(24);
}
