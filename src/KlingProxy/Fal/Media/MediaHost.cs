using System.Diagnostics.CodeAnalysis;

using KlingProxy.Fal.Calls;

namespace KlingProxy.Fal.Media;

/// <summary>One entry of <c>Fal:MediaHosts</c>: <c>host</c>, <c>host:port</c> or <c>*.suffix</c> (any depth below the suffix, not the suffix itself).</summary>
internal sealed record MediaHost(string Name, bool AnyBelow, int? Port)
{
    public static bool TryParse(string? text, [NotNullWhen(true)] out MediaHost? host)
    {
        host = null;
        if (string.IsNullOrWhiteSpace(text))
            return false;
        var anyBelow = text.StartsWith("*.", StringComparison.Ordinal);
        var rest = anyBelow ? text[2..] : text;
        if (!Uri.TryCreate($"https://{rest}/", UriKind.Absolute, out var url) || url.UserInfo.Length > 0 || url.PathAndQuery != "/" || url.Fragment.Length > 0)
            return false;
        if (anyBelow && (url.HostNameType != UriHostNameType.Dns || !url.Host.Contains('.')))
            return false; // "*.media" or "*.1.2.3.4" would open more than anybody means

        host = new MediaHost(url.Host, anyBelow, rest.EndsWith($":{url.Port}", StringComparison.Ordinal) ? url.Port : null);
        return true;
    }

    public bool Allows(Uri url) =>
        url.IsSafeForSecrets
        && url.UserInfo.Length == 0
        && (Port is null ? url.IsDefaultPort : url.Port == Port)
        && (AnyBelow
            ? url.Host.EndsWith($".{Name}", StringComparison.OrdinalIgnoreCase)
            : url.Host.Equals(Name, StringComparison.OrdinalIgnoreCase));
}
