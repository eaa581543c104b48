using KlingProxy.Settings;

namespace KlingProxy.Access;

/// <summary>Who may call. Closed by default.</summary>
internal sealed class AccessOptions : ISettings
{
    public static string Section => "Access";

    /// <summary>Of a text that is no address: not absolute, which the validator refuses.</summary>
    private static readonly Uri NoAddress = new("", UriKind.Relative);

    /// <summary>The first key, operator scope: it creates all others. At least 16 characters.</summary>
    public string? OperatorKey { get; set; }

    /// <summary>A file that holds the operator key; read at start.</summary>
    public string? OperatorKeyFile { get; set; }

    /// <summary>Open without credentials, to everyone who can reach the port. Callers are told apart by address.</summary>
    public bool Anonymous { get; set; }

    public JwtSettings Jwt { get; set; } = new();

    /// <summary>
    /// The web pages that may call from a browser, as exact origins such as <c>https://app.example.com</c>, or <c>capacitor://localhost</c> for an app. None:
    /// only pages of our own.
    /// </summary>
    public List<string> Origins { get; set; } = [];

    /// <summary>
    /// Addresses or networks (<c>10.0.0.0/8</c>) of proxies whose <c>X-Forwarded-For</c>, <c>-Proto</c> and <c>-Host</c> are believed. None: nobody's are.
    /// </summary>
    public List<string> TrustedProxies { get; set; } = [];

    /// <summary>
    /// Where fal and browsers reach us, and the base of every absolute link; root setting <c>PublicUrl</c>. None: fal cannot call, so we poll.
    /// </summary>
    public Uri? PublicUrl { get; set; }

    /// <summary>How long a signed link to events or video opens at least. 1 min – 7 days.</summary>
    public TimeSpan LinkLifetime { get; set; } = TimeSpan.FromHours(24);

    /// <summary>The platform's own switch, <c>ASPNETCORE_FORWARDEDHEADERS_ENABLED</c>, which believes everybody's forwarded headers.</summary>
    public bool TrustsEverybodysHeaders { get; set; }

    public void Read(SettingsSection settings)
    {
        OperatorKey = settings.Text(nameof(OperatorKey));
        OperatorKeyFile = settings.Text(nameof(OperatorKeyFile));
        if (OperatorKeyFile is { } file)
            OperatorKey = SecretFile.Read(file);
        Anonymous = settings.Flag(nameof(Anonymous), Anonymous);
        Jwt.Read(settings.Below(nameof(Jwt)));
        Origins = settings.List(nameof(Origins));
        TrustedProxies = settings.List(nameof(TrustedProxies));
        if (settings.Root.Text(nameof(PublicUrl)) is { } url)
            PublicUrl = Uri.TryCreate(url, UriKind.Absolute, out var address) ? address : NoAddress;
        LinkLifetime = settings.Time(nameof(LinkLifetime), LinkLifetime);
        TrustsEverybodysHeaders = settings.OfThePlatform("ForwardedHeaders_Enabled")?.ToUpperInvariant() is "TRUE" or "1";
    }
}

/// <summary>Tokens of the app's own identity provider. Both settings, or neither.</summary>
internal sealed class JwtSettings
{
    /// <summary>The issuer, below which <c>/.well-known/openid-configuration</c> lies. https; http for loopback only.</summary>
    public string? Authority { get; set; }

    /// <summary>What <c>aud</c> must hold: the name of this service at the identity provider.</summary>
    public string? Audience { get; set; }

    public bool IsSet => !string.IsNullOrEmpty(Authority);

    public void Read(SettingsSection settings)
    {
        Authority = settings.Text(nameof(Authority));
        Audience = settings.Text(nameof(Audience));
    }
}
