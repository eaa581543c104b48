namespace KlingProxy.Settings.Rules;

/// <summary>An absolute web address: a base to put paths behind, so nothing may stand behind its own path, and no credential in it.</summary>
internal sealed class AddressAttribute : SettingRuleAttribute
{
    /// <summary>https only, but on loopback: what is sent there, or comes from there, is trusted.</summary>
    public bool IsForSecrets { get; set; }

    protected override string? Fault(object value)
    {
        if (value is "" || (AsAddress(value) is { IsAbsoluteUri: true, UserInfo: "", Query: "", Fragment: "" } url && HasGoodScheme(url)))
            return null;
        return IsForSecrets
            ? "must be an absolute https address without user-info, query or fragment; plain http is accepted for loopback only."
            : "must be an absolute http or https address without user-info, query or fragment.";
    }

    private static Uri? AsAddress(object value) => value as Uri ?? (Uri.TryCreate((string)value, UriKind.Absolute, out var url) ? url : null);

    private bool HasGoodScheme(Uri url) => url.Scheme == Uri.UriSchemeHttps || (url.Scheme == Uri.UriSchemeHttp && (!IsForSecrets || url.IsLoopback));
}
