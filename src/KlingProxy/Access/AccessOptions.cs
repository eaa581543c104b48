using System.ComponentModel.DataAnnotations;

using KlingProxy.Access.Network;
using KlingProxy.Settings;
using KlingProxy.Settings.Rules;

using Microsoft.Extensions.Options;

namespace KlingProxy.Access;

/// <summary>Who may call. Closed by default.</summary>
internal sealed class AccessOptions : ISettings, IValidatableObject
{
    public static string Section => "Access";

    /// <summary>Of a text that is no address: not absolute, which its rule refuses.</summary>
    private static readonly Uri NoAddress = new("", UriKind.Relative);

    /// <summary>The first key, operator scope: it creates all others.</summary>
    [KeyText(MinLength = 16)]
    public string? OperatorKey { get; set; }

    /// <summary>A file that holds the operator key; read at start.</summary>
    [ReadableFile]
    public string? OperatorKeyFile { get; set; }

    /// <summary>Open without credentials, to everyone who can reach the port. Callers are told apart by address.</summary>
    public bool Anonymous { get; set; }

    [ValidateObjectMembers]
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
    [Address(Name = nameof(PublicUrl))]
    public Uri? PublicUrl { get; set; }

    /// <summary>How long a signed link to events or video opens at least.</summary>
    [Bounds("00:01:00", "7.00:00:00")]
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

    /// <summary>
    /// What no single setting is to blame for. A proxy that nobody can call is a mistake, and one that everybody can call must be asked for by name.
    /// </summary>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (string.IsNullOrEmpty(OperatorKey) && string.IsNullOrEmpty(OperatorKeyFile) && !Anonymous && !Jwt.IsSet)
        {
            yield return new(
                "No credential is configured, so nobody could call. Set Access__OperatorKey (or Access__OperatorKeyFile) to create API keys with, "
                + "accept your app's own tokens with Access__Jwt__Authority, or open the proxy to everyone by name with Access__Anonymous=true.");
        }
        if (Jwt.IsSet && string.IsNullOrWhiteSpace(Jwt.Audience))
        {
            yield return SettingName.FaultOf<AccessOptions>(
                "Jwt:Audience", "is not set. Without it, tokens that were made for another service would be accepted here.");
        }
        if (!Jwt.IsSet && !string.IsNullOrEmpty(Jwt.Audience))
            yield return SettingName.FaultOf<AccessOptions>("Jwt:Authority", "is not set, although Access__Jwt__Audience is.");
        for (var i = 0; i < Origins.Count; i++)
            if (!WebOrigin.IsExact(Origins[i]))
                yield return SettingName.FaultOf<AccessOptions>($"{nameof(Origins)}:{i}", $"must be an exact origin, {WebOrigin.Rule}.");
        for (var i = 0; i < TrustedProxies.Count; i++)
        {
            if (Network.TrustedProxies.Parse(TrustedProxies[i]) is not null)
                continue;
            yield return SettingName.FaultOf<AccessOptions>(
                $"{nameof(TrustedProxies)}:{i}", "must be an address such as 10.0.0.7 or a network such as 10.0.0.0/8.");
        }
        if (TrustsEverybodysHeaders)
        {
            yield return new(
                "ASPNETCORE_FORWARDEDHEADERS_ENABLED would believe everybody's X-Forwarded headers. "
                + "Unset it, and list your proxies in Access__TrustedProxies__0.");
        }
    }
}

/// <summary>Tokens of the app's own identity provider. Both settings, or neither.</summary>
internal sealed class JwtSettings
{
    /// <summary>The issuer, below which <c>/.well-known/openid-configuration</c> lies.</summary>
    [Address(IsForSecrets = true)]
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

[OptionsValidator]
internal sealed partial class AccessOptionsValidator : IValidateOptions<AccessOptions>;
