using KlingProxy.Fal.Calls;
using KlingProxy.Fal.Media;
using KlingProxy.Settings;

using Microsoft.Extensions.Options;

namespace KlingProxy.Fal;

/// <summary>Names every bad setting at once, in the form in which an operator sets it.</summary>
internal sealed class FalOptionsValidator : IValidateOptions<FalOptions>
{
    public ValidateOptionsResult Validate(string? name, FalOptions options)
    {
        var faults = new List<string>();

        if (!FalModes.Words.Contains(options.Mode.Trim(), StringComparer.OrdinalIgnoreCase))
            faults.Add($"Fal__Mode must be one of {string.Join(", ", FalModes.Words)}.");
        if (string.IsNullOrWhiteSpace(options.Key) && string.IsNullOrWhiteSpace(options.KeyFile))
            faults.Add("FAL_KEY (or FAL_KEY_FILE) is not set. Set it, or ask for the built-in twin of fal by name with Fal__Mode=Sandbox.");
        CheckSecret("FAL_KEY", options.Key, options.KeyFile, faults);
        CheckSecret("FAL_ADMIN_KEY", options.AdminKey, options.AdminKeyFile, faults);

        CheckAddress("Fal__QueueUrl", options.QueueUrl, faults);
        CheckAddress("Fal__RestUrl", options.RestUrl, faults);
        CheckAddress("Fal__PlatformUrl", options.PlatformUrl, faults);
        if (options.MediaUrl is { } mirror)
            CheckAddress("Fal__MediaUrl", mirror, faults);
        if (options.WebhookUrl is { } webhooks && !(IsPlain(webhooks, out var url) && url.Scheme is "http" or "https"))
            faults.Add("Fal__WebhookUrl must be an absolute http or https address without user-info, query or fragment.");
        if (options.MediaHosts.Count == 0)
            faults.Add("Fal__MediaHosts__0 is empty: no video could be read.");
        foreach (var (host, index) in options.MediaHosts.Select((host, index) => (host, index)))
            if (!MediaHost.TryParse(host, out _))
                faults.Add($"Fal__MediaHosts__{index} must be a host, host:port or *.suffix with at least two labels.");

        CheckTime("Fal__ConnectTimeout", options.ConnectTimeout, TimeSpan.FromMilliseconds(100), TimeSpan.FromMinutes(1), faults);
        CheckTime("Fal__SubmitTimeout", options.SubmitTimeout, TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(5), faults);
        CheckTime("Fal__ReadTimeout", options.ReadTimeout, TimeSpan.FromMilliseconds(100), TimeSpan.FromMinutes(1), faults);
        CheckTime("Fal__StartTimeout", options.StartTimeout, TimeSpan.FromMinutes(1), TimeSpan.FromHours(24), faults);
        CheckTime("Fal__RefusalPause", options.RefusalPause, TimeSpan.Zero, TimeSpan.FromHours(1), faults);
        CheckTime("Fal__StreamIdleTimeout", options.StreamIdleTimeout, TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(5), faults);

        return faults.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(faults);
    }

    private static void CheckSecret(string setting, string? value, string? file, List<string> faults)
    {
        if (!string.IsNullOrWhiteSpace(value) && value.Any(character => character is < '!' or > '~'))
            faults.Add($"{setting} holds white space or characters that no key has.");
        if (!string.IsNullOrWhiteSpace(file) && SecretFile.Read(file) is null)
            faults.Add($"{setting}_FILE names a file that cannot be read, or is empty.");
    }

    private static void CheckAddress(string setting, string value, List<string> faults)
    {
        if (!IsPlain(value, out var url))
            faults.Add($"{setting} must be an absolute address without user-info, query or fragment.");
        else if (!url.IsSafeForSecrets)
            faults.Add($"{setting} must be https; plain http is accepted for loopback only.");
    }

    private static bool IsPlain(string value, out Uri url) =>
        Uri.TryCreate(value, UriKind.Absolute, out url!) && url.UserInfo.Length == 0 && url.Query.Length == 0 && url.Fragment.Length == 0;

    private static void CheckTime(string setting, TimeSpan value, TimeSpan least, TimeSpan most, List<string> faults)
    {
        if (value < least || value > most)
            faults.Add($"{setting} must lie between {least:c} and {most:c}.");
    }
}
