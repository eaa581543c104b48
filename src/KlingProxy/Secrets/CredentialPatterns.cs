using System.Buffers;
using System.Text.RegularExpressions;

namespace KlingProxy.Secrets;

/// <summary>
/// What looks like a credential, whoever's it is. No value reaches over a quote or a backslash, so that JSON stays JSON. Names stay, so that a
/// reader still sees what was there.
/// </summary>
internal static partial class CredentialPatterns
{
    /// <summary>What stands where something was struck out.</summary>
    public const string Mask = "***";

    /// <summary>In milliseconds. Texts are bounded before they come here; who takes longer than this has found a fault.</summary>
    private const int MaxTime = 1000;

    private const RegexOptions Options = RegexOptions.CultureInvariant | RegexOptions.IgnorePatternWhitespace | RegexOptions.Multiline;

    /// <summary>
    /// One after the other, and what goes by a name before what goes by its own form, which may be a part of a name. Each has hints, of which every
    /// credential of its kind holds one: a line without any, as most are, is not looked at closely.
    /// </summary>
    private static readonly Kind[] Kinds =
    [
        new(PrivateKey(), "PRIVATE KEY"),
        new(Picture(), "base64,"),
        new(OwnAddress(), "/webhooks", "2Fwebhooks", "/fal/", "/fal%2F", "2Ffal"),
        new(InAddress(), "://"),
        new(Cookie(), "cookie"),
        new(Named(), "key", "policy", "jwt", "ticket", "token", "secret", "passw", "pwd", "identity", "signature", "googleaccessid",
            "auth=", "auth%3d", "auth\\u003d", "sig=", "sig%3d", "sig\\u003d", "?x-", "&x-", "26x-", "3Fx-", ";x-"),
        new(OfScheme(), "authorization", "key", "bearer", "basic"),
        new(Telling(), "kp_", "kt_", "whsec_", "eyJ", "AKIA", "ASIA"),
    ];

    public static string Strike(string text)
    {
        foreach (var kind in Kinds)
            text = kind.Strike(text);
        return text;
    }

    // Line by line: the value of an Authorization header, whatever its scheme; the same without the header's name; fal's `key id:secret` in small letters.
    [GeneratedRegex("""
        (?<kept>(?i:authorization)\\?["']?\s*[:=]\s*\\?["'\[]{0,2}(?>(?:[A-Za-z][A-Za-z0-9-]{0,20}\s+)?))(?:[^\s"'\\,;\]]{4,}|\*\*\*)
        |(?<kept>(?i:authorization)(?:=|%3[dD]|\\u003[dD]))[^&\s"'<>\\\#;]+
        |(?<kept>\b(?:Key|(?i:Bearer))\s+)[A-Za-z0-9._~+/:=-]{8,}
        |(?<kept>\bBasic\s+)(?=[A-Za-z+/]*[0-9=])[A-Za-z0-9+/=_-]{8,}
        |(?<kept>\bkey\s+)[A-Za-z0-9_-]{4,}:[A-Za-z0-9_-]{8,}
        """, Options, MaxTime)]
    private static partial Regex OfScheme();

    // By how they begin: our keys, tickets and endpoint secrets (a name that ends in one's beginning has its
    // value struck out already); tokens; Amazon's key ids.
    [GeneratedRegex("""
        k[pt]_(?>[A-Za-z0-9_]{8,})(?!\\?["']?\s{0,3}[=:]\s{0,3}\\?["']?\*\*\*)
        |whsec_[A-Za-z0-9+/=_-]{8,}
        |eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_.-]+
        |\bA(?:KIA|SIA)[0-9A-Z]{16}\b
        """, Options, MaxTime)]
    private static partial Regex Telling();

    [GeneratedRegex("""(?<kept>-----BEGIN\ [A-Z ]{0,20}PRIVATE\ KEY-----)(?:\\[nr]|[A-Za-z0-9+/=\s]){1,8000}""", Options, MaxTime)]
    private static partial Regex PrivateKey();

    // Values of a query; the same names elsewhere; passwords as connection strings, settings and JSON write them; signatures of deliveries.
    [GeneratedRegex("""
        (?<kept>(?:[?&;]|\\u0026|%26|%3[fF])(?i:key|auth|policy|jwt|ticket|key-pair-id|googleaccessid|x-[a-z0-9-]{1,40})(?:=|%3[dD]|\\u003[dD]))[^&\s"'<>\\\#;]+
        |(?<kept>(?:^|[?&;\s"'(\[{,]|\\u0026|\\n|%26|%3[fF])(?i:(?:[a-z_]{0,20}_)?(?:signature|token|secret|password|passwd|identity)|sig|pwd|api_?key)(?:=|%3[dD]|\\u003[dD]))[^&\s"'<>\\\#;]+
        |(?<kept>\b(?i:password|pwd|passwd|secret\ ?_?(?:access)?_?key|(?:client_?)?secret|fal_key|fal_admin_key|api_?key)\s{0,3}=\s{0,3})(?:'[^'"\\]{1,300}'|[^;\s"'\\,}]+)
        |(?<kept>\b(?i:[a-z_]{0,20}(?:password|secret|token|signature|identity|_key|apikey))\\?["']\s{0,3}:\s{0,3}\\?["'])[^\s"'\\]+
        |(?<kept>(?i:webhook-signature)["']?\s*[:=]\s*["']?)[^\s"'\\]+
        """, Options, MaxTime)]
    private static partial Regex Named();

    // Names and passwords in addresses.
    [GeneratedRegex("""(?<kept>://)[^/\s@"'\\<>?\#]{1,300}(?=@)""", Options, MaxTime)]
    private static partial Regex InAddress();

    [GeneratedRegex("""(?<kept>\b(?i:(?:set-)?cookie)["']?\s*:\s*["']?)[^\r\n"'\\]+""", Options, MaxTime)]
    private static partial Regex Cookie();

    // What seals our own addresses.
    [GeneratedRegex("""
        (?<kept>(?i:(?:/|%2F)webhooks(?:/|%2F)fal(?:/|%2F))[^/%\s"'\\?]{1,200}(?:/|%2F|%2f))[^/%\s"'\\?]+
        |(?<kept>(?i:(?:/|%2F)fal(?:/|%2F)(?:uploads|files(?:/|%2F)[^/%\s"'\\?]{1,200})(?:/|%2F)))[^/%\s"'\\?&<>]+
        """, Options, MaxTime)]
    private static partial Regex OwnAddress();

    // Images in base64, which are the caller's, and long.
    [GeneratedRegex("""(?<kept>(?i:data:[a-z]{1,20}/[a-z0-9.+-]{1,80}(?:;[a-z0-9=._+-]{1,60}){0,4};base64,))[A-Za-z0-9+/=_%-]+""", Options, MaxTime)]
    private static partial Regex Picture();

    private sealed class Kind(Regex pattern, params string[] hints)
    {
        private readonly SearchValues<string> hints = SearchValues.Create(hints, StringComparison.OrdinalIgnoreCase);

        public string Strike(string text)
        {
            if (!text.AsSpan().ContainsAny(hints))
                return text;
            try
            {
                return pattern.Replace(text, match => match.Groups["kept"].Value + Mask);
            }
            catch (RegexMatchTimeoutException)
            {
                return Mask; // nobody knows what is in it
            }
        }
    }
}
