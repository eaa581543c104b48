using KlingProxy.Settings;
using KlingProxy.Settings.Rules;

using Microsoft.Extensions.Options;

namespace KlingProxy.Jobs;

/// <summary>How jobs are followed.</summary>
internal sealed class JobOptions : ISettings
{
    public static string Section => "Jobs";

    /// <summary>Between two looks at a running job that fal cannot report to us.</summary>
    [Bounds("00:00:00.1", "00:05:00")]
    public TimeSpan PollInterval { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>Between two looks at a running job whose webhook should come.</summary>
    [Bounds("00:00:01", "01:00:00")]
    public TimeSpan WebhookGrace { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>Between two sweeps for jobs that are due.</summary>
    [Bounds("00:00:00.05", "00:01:00")]
    public TimeSpan SweepInterval { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>How long a create waits for fal's answer before it says 202 with a job that is still submitting.</summary>
    [Bounds("00:00:00", "00:00:30")]
    public TimeSpan SubmitWait { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>How long the shared upstream follow outlives its last watcher: a caller who polls is one who watches.</summary>
    [Bounds("00:00:00", "00:05:00")]
    public TimeSpan FollowLinger { get; set; } = TimeSpan.FromSeconds(20);

    /// <summary>
    /// How long an ended or unconfirmed job may wait for fal's word before a person must look. fal keeps results for about an hour.
    /// </summary>
    [Bounds("00:01:00", "7.00:00:00")]
    public TimeSpan VerdictDeadline { get; set; } = TimeSpan.FromHours(2);

    public void Read(SettingsSection settings)
    {
        PollInterval = settings.Time(nameof(PollInterval), PollInterval);
        WebhookGrace = settings.Time(nameof(WebhookGrace), WebhookGrace);
        SweepInterval = settings.Time(nameof(SweepInterval), SweepInterval);
        SubmitWait = settings.Time(nameof(SubmitWait), SubmitWait);
        FollowLinger = settings.Time(nameof(FollowLinger), FollowLinger);
        VerdictDeadline = settings.Time(nameof(VerdictDeadline), VerdictDeadline);
    }
}

[OptionsValidator]
internal sealed partial class JobOptionsValidator : IValidateOptions<JobOptions>;
