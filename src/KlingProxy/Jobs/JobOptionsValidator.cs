using Microsoft.Extensions.Options;

namespace KlingProxy.Jobs;

internal sealed class JobOptionsValidator : IValidateOptions<JobOptions>
{
    public ValidateOptionsResult Validate(string? name, JobOptions options)
    {
        (string Setting, TimeSpan Value, TimeSpan Min, TimeSpan Max)[] bounds =
        [
            ("Jobs__PollInterval", options.PollInterval, TimeSpan.FromMilliseconds(100), TimeSpan.FromMinutes(5)),
            ("Jobs__WebhookGrace", options.WebhookGrace, TimeSpan.FromSeconds(1), TimeSpan.FromHours(1)),
            ("Jobs__SweepInterval", options.SweepInterval, TimeSpan.FromMilliseconds(50), TimeSpan.FromMinutes(1)),
            ("Jobs__SubmitWait", options.SubmitWait, TimeSpan.Zero, TimeSpan.FromSeconds(30)),
            ("Jobs__FollowLinger", options.FollowLinger, TimeSpan.Zero, TimeSpan.FromMinutes(5)),
            ("Jobs__VerdictDeadline", options.VerdictDeadline, TimeSpan.FromMinutes(1), TimeSpan.FromDays(7)),
        ];
        var faults = bounds
            .Where(bound => bound.Value < bound.Min || bound.Value > bound.Max)
            .Select(bound => $"{bound.Setting} must lie between {bound.Min:c} and {bound.Max:c}.")
            .ToList();
        return faults.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(faults);
    }
}
