using System.ComponentModel.DataAnnotations;

using KlingProxy.Fal.Media;
using KlingProxy.Settings;
using KlingProxy.Settings.Rules;

using Microsoft.Extensions.Options;

namespace KlingProxy.Fal;

/// <summary>Where fal is, and how long we wait for it. The secret comes from <c>FAL_KEY</c> or <c>FAL_KEY_FILE</c>.</summary>
internal sealed class FalOptions : ISettings, IValidatableObject
{
    public static string Section => "Fal";

    /// <summary>Which fal we talk to; see <see cref="FalModes.Decide"/>.</summary>
    [OneOf("Auto", "Live", "Sandbox")]
    public string Mode { get; set; } = "Auto";

    /// <summary>The secret that this service exists to keep.</summary>
    [KeyText(Name = "FAL_KEY")]
    public string? Key { get; set; }

    /// <summary>A file that holds the key; it is read again whenever it changes, so that the key rotates without a restart.</summary>
    [ReadableFile(Name = "FAL_KEY_FILE")]
    public string? KeyFile { get; set; }

    /// <summary>Base address of the queue.</summary>
    [Address(IsForSecrets = true)]
    public string QueueUrl { get; set; } = "https://queue.fal.run";

    /// <summary>Base address of storage and of the webhook keys.</summary>
    [Address(IsForSecrets = true)]
    public string RestUrl { get; set; } = "https://rest.fal.ai";

    /// <summary>Base address of the Platform API.</summary>
    [Address(IsForSecrets = true)]
    public string PlatformUrl { get; set; } = "https://api.fal.ai/v1";

    /// <summary>Look for a submit whose answer was lost among fal's own records of requests, by its input. Needs a key that may list requests.</summary>
    public bool RequestListing { get; set; }

    /// <summary>A key of admin scope, for what fal says it billed; optional.</summary>
    [KeyText(Name = "FAL_ADMIN_KEY")]
    public string? AdminKey { get; set; }

    /// <summary>A file that holds it; watched like <see cref="KeyFile"/>.</summary>
    [ReadableFile(Name = "FAL_ADMIN_KEY_FILE")]
    public string? AdminKeyFile { get; set; }

    /// <summary>Hosts that results may be read from: <c>host</c>, <c>host:port</c> or <c>*.suffix</c>.</summary>
    public List<string> MediaHosts { get; set; } = ["*.fal.media"];

    /// <summary>Where results are read, in place of whatever stands before <c>/files/</c> in their address; for a mirror.</summary>
    [Address(IsForSecrets = true)]
    public string? MediaUrl { get; set; }

    /// <summary>Where fal reports the end of a job, if that is another address than <c>PublicUrl</c>.</summary>
    [Address]
    public string? WebhookUrl { get; set; }

    /// <summary>The fal account whose webhooks count; learned from the first proven delivery when it is not set.</summary>
    public string? UserId { get; set; }

    /// <summary>For a connection to fal, TLS included.</summary>
    [Bounds("00:00:00.1", "00:01:00")]
    public TimeSpan ConnectTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>For fal's answer to a submit. After it the job counts as unconfirmed, so it is generous.</summary>
    [Bounds("00:00:01", "00:05:00")]
    public TimeSpan SubmitTimeout { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>For one attempt of a status, result, cancel, upload initiate or key set call.</summary>
    [Bounds("00:00:00.1", "00:01:00")]
    public TimeSpan ReadTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>How long a job may wait for a runner before fal gives up (x-fal-request-timeout).</summary>
    [Bounds("00:01:00", "1.00:00:00")]
    public TimeSpan StartTimeout { get; set; } = TimeSpan.FromHours(1);

    /// <summary>How long submits pause when fal has refused our key or our balance; then one tries again.</summary>
    [Bounds("00:00:00", "01:00:00")]
    public TimeSpan RefusalPause { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>Silence on a status stream, heartbeats included, before it counts as dropped. fal sends a comment every 15 s.</summary>
    [Bounds("00:00:01", "00:05:00")]
    public TimeSpan StreamIdleTimeout { get; set; } = TimeSpan.FromSeconds(45);

    public void Read(SettingsSection settings)
    {
        Key = settings.Root.Text("FAL_KEY");
        KeyFile = settings.Root.Text("FAL_KEY_FILE");
        AdminKey = settings.Root.Text("FAL_ADMIN_KEY");
        AdminKeyFile = settings.Root.Text("FAL_ADMIN_KEY_FILE");
        Mode = settings.Text(nameof(Mode), Mode);
        QueueUrl = settings.Text(nameof(QueueUrl), QueueUrl);
        RestUrl = settings.Text(nameof(RestUrl), RestUrl);
        PlatformUrl = settings.Text(nameof(PlatformUrl), PlatformUrl);
        RequestListing = settings.Flag(nameof(RequestListing), RequestListing);
        MediaHosts = settings.List(nameof(MediaHosts), MediaHosts);
        MediaUrl = settings.Text(nameof(MediaUrl));
        WebhookUrl = settings.Text(nameof(WebhookUrl));
        UserId = settings.Text(nameof(UserId));
        ConnectTimeout = settings.Time(nameof(ConnectTimeout), ConnectTimeout);
        SubmitTimeout = settings.Time(nameof(SubmitTimeout), SubmitTimeout);
        ReadTimeout = settings.Time(nameof(ReadTimeout), ReadTimeout);
        StartTimeout = settings.Time(nameof(StartTimeout), StartTimeout);
        RefusalPause = settings.Time(nameof(RefusalPause), RefusalPause);
        StreamIdleTimeout = settings.Time(nameof(StreamIdleTimeout), StreamIdleTimeout);
    }

    /// <summary>What no single setting is to blame for.</summary>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (string.IsNullOrWhiteSpace(Key) && string.IsNullOrWhiteSpace(KeyFile))
            yield return new("FAL_KEY (or FAL_KEY_FILE) is not set. Set it, or ask for the built-in twin of fal by name with Fal__Mode=Sandbox.");
        if (MediaHosts.Count == 0)
            yield return SettingName.FaultOf<FalOptions>($"{nameof(MediaHosts)}:0", "is empty: no video could be read.");
        for (var i = 0; i < MediaHosts.Count; i++)
            if (!MediaHost.TryParse(MediaHosts[i], out _))
                yield return SettingName.FaultOf<FalOptions>($"{nameof(MediaHosts)}:{i}", "must be a host, host:port or *.suffix with at least two labels.");
    }
}

[OptionsValidator]
internal sealed partial class FalOptionsValidator : IValidateOptions<FalOptions>;
