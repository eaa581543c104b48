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

    public JwtSettings Jwt { get; set; } = new();

    /// <summary>The web pages that may call from a browser, as exact origins such as <c>https://app.example.com</c>. None: only pages of our own.</summary>
    public List<string> Origins { get; set; } = [];

    /// <summary>Addresses or networks (<c>10.0.0.0/8</c>) of proxies whose <c>X-Forwarded-For</c>, <c>-Proto</c> and <c>-Host</c> are believed. None: nobody's are.</summary>
    public List<string> TrustedProxies { get; set; } = [];

    /// <summary>Where fal and browsers reach us, and the base of every absolute link; root setting <c>PublicUrl</c>. None: fal cannot call, so we poll.</summary>
    public Uri? PublicUrl { get; set; }

    /// <summary>How long a signed link to events or video opens at least. 1 min – 7 days.</summary>
    public TimeSpan LinkLifetime { get; set; } = TimeSpan.FromHours(24);

    /// <summary>The platform's own switch, <c>ASPNETCORE_FORWARDEDHEADERS_ENABLED</c>, which believes everybody's forwarded headers.</summary>
    public bool TrustsEverybodysHeaders { get; set; }
}

/// <summary>Tokens of the app's own identity provider. Both settings, or neither.</summary>
internal sealed class JwtSettings
{
    /// <summary>The issuer, below which <c>/.well-known/openid-configuration</c> lies. https; http for loopback only.</summary>
    public string? Authority { get; set; }

    /// <summary>What <c>aud</c> must hold: the name of this service at the identity provider.</summary>
    public string? Audience { get; set; }

    public bool IsSet => !string.IsNullOrEmpty(Authority);
}
