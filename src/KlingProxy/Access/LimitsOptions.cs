using Microsoft.Extensions.Options;

namespace KlingProxy.Access;

/// <summary>How often one caller may call. Section <c>Limits</c>.</summary>
internal sealed class LimitsOptions
{
    public const string Section = "Limits";

    public const int MostRequestsPerMinute = 1_000_000, MostOpenStreams = 10_000;

    /// <summary>Per caller, or per address where there is no caller. A key's own limit wins. 1 – 1,000,000.</summary>
    public int RequestsPerMinute { get; set; } = 600;

    /// <summary>Event streams and waiting calls (<c>Prefer: wait</c>) that one caller may hold open at a time. 1 – 10,000.</summary>
    public int OpenStreamsPerCaller { get; set; } = 20;
}

internal sealed class LimitsOptionsValidator : IValidateOptions<LimitsOptions>
{
    public ValidateOptionsResult Validate(string? name, LimitsOptions options)
    {
        var faults = new List<string>();
        if (options.RequestsPerMinute is < 1 or > LimitsOptions.MostRequestsPerMinute)
            faults.Add($"Limits__RequestsPerMinute must lie between 1 and {LimitsOptions.MostRequestsPerMinute}.");
        if (options.OpenStreamsPerCaller is < 1 or > LimitsOptions.MostOpenStreams)
            faults.Add($"Limits__OpenStreamsPerCaller must lie between 1 and {LimitsOptions.MostOpenStreams}.");
        return faults.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(faults);
    }
}
