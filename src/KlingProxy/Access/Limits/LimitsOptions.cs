using KlingProxy.Access.Credentials;
using KlingProxy.Ids;
using KlingProxy.Settings;

using Microsoft.Extensions.Options;

namespace KlingProxy.Access.Limits;

/// <summary>How often one caller may call, and how much may be under way.</summary>
internal sealed class LimitsOptions : ISettings
{
    public const int MaxRequestsPerMinute = 1_000_000, MaxOpenStreams = 10_000, MaxOpenStreamsInAll = 100_000, MaxInFlight = 10_000, MaxLargeBodies = 10_000, MaxUploads = 1_000_000, MaxVideos = 10_000;

    public const long MaxUploadBytes = 1_000_000_000_000_000;

    public static string Section => "Limits";

    /// <summary>Per caller, or per signed link or address where there is no caller. A key's own limit wins. 1 – 1,000,000.</summary>
    public int RequestsPerMinute { get; set; } = 600;

    /// <summary>Event streams and waiting calls (<c>Prefer: wait</c>) that one caller may hold open at a time. 1 – 10,000.</summary>
    public int OpenStreamsPerCaller { get; set; } = 20;

    /// <summary>Of the holder of a ticket, whose page watches one job. 1 – 10,000.</summary>
    public int OpenStreamsPerTicket { get; set; } = 4;

    /// <summary>Of all callers, on this replica: each takes about 11 KiB. 1 – 100,000.</summary>
    public int OpenStreams { get; set; } = 5000;

    /// <summary>Jobs of the whole deployment at a time; what the account at fal runs beside one another, and some that wait. 1 – 10,000.</summary>
    public int InFlight { get; set; } = 40;

    /// <summary>Jobs of one caller at a time. A key's own limit wins. 1 – 10,000.</summary>
    public int InFlightPerCaller { get; set; } = 4;

    /// <summary>
    /// Uploads and jobs with images inside that are being read at a time, on this replica. Each takes about a megabyte of memory. 2 – 10,000.
    /// </summary>
    public int LargeBodies { get; set; } = 64;

    /// <summary>The same of one caller; a ticket has a quarter of it, and an address without a credential half. 1 – 10,000.</summary>
    public int LargeBodiesPerCaller { get; set; } = 8;

    /// <summary>Videos that are being sent at a time, on this replica. Each takes a quarter of a megabyte of memory. 2 – 10,000.</summary>
    public int Videos { get; set; } = 100;

    /// <summary>The same to one caller; a ticket has a quarter of it, an address without a credential half, and each link all of it. 1 – 10,000.</summary>
    public int VideosPerCaller { get; set; } = 20;

    /// <summary>Images that one caller may store at fal on a UTC day; the same again does not count. 1 – 1,000,000.</summary>
    public int UploadsPerCallerPerDay { get; set; } = 500;

    /// <summary>The same of a ticket, which pays for one job of two images. 1 – 1,000,000.</summary>
    public int UploadsPerTicket { get; set; } = 10;

    /// <summary>In bytes; of all these images together. 1 – 1,000,000,000,000,000.</summary>
    public long UploadBytesPerCallerPerDay { get; set; } = 2_000_000_000;

    /// <summary>How many calls this caller may hold open at a time.</summary>
    public int OpenStreamsOf(Caller caller) => caller.Kind == CallerKind.Ticket ? Math.Min(OpenStreamsPerTicket, OpenStreamsPerCaller) : OpenStreamsPerCaller;

    public void Read(SettingsSection settings)
    {
        RequestsPerMinute = settings.Number(nameof(RequestsPerMinute), RequestsPerMinute);
        OpenStreamsPerCaller = settings.Number(nameof(OpenStreamsPerCaller), OpenStreamsPerCaller);
        OpenStreamsPerTicket = settings.Number(nameof(OpenStreamsPerTicket), OpenStreamsPerTicket);
        OpenStreams = settings.Number(nameof(OpenStreams), OpenStreams);
        InFlight = settings.Number(nameof(InFlight), InFlight);
        InFlightPerCaller = settings.Number(nameof(InFlightPerCaller), InFlightPerCaller);
        LargeBodies = settings.Number(nameof(LargeBodies), LargeBodies);
        LargeBodiesPerCaller = settings.Number(nameof(LargeBodiesPerCaller), LargeBodiesPerCaller);
        Videos = settings.Number(nameof(Videos), Videos);
        VideosPerCaller = settings.Number(nameof(VideosPerCaller), VideosPerCaller);
        UploadsPerCallerPerDay = settings.Number(nameof(UploadsPerCallerPerDay), UploadsPerCallerPerDay);
        UploadsPerTicket = settings.Number(nameof(UploadsPerTicket), UploadsPerTicket);
        UploadBytesPerCallerPerDay = settings.LongNumber(nameof(UploadBytesPerCallerPerDay), UploadBytesPerCallerPerDay);
    }
}

internal sealed class LimitsOptionsValidator : IValidateOptions<LimitsOptions>
{
    public ValidateOptionsResult Validate(string? name, LimitsOptions options)
    {
        var faults = new List<string>();
        if (options.RequestsPerMinute is < 1 or > LimitsOptions.MaxRequestsPerMinute)
            faults.Add($"Limits__RequestsPerMinute must lie between 1 and {LimitsOptions.MaxRequestsPerMinute}.");
        if (options.OpenStreamsPerCaller is < 1 or > LimitsOptions.MaxOpenStreams)
            faults.Add($"Limits__OpenStreamsPerCaller must lie between 1 and {LimitsOptions.MaxOpenStreams}.");
        if (options.OpenStreamsPerTicket is < 1 or > LimitsOptions.MaxOpenStreams)
            faults.Add($"Limits__OpenStreamsPerTicket must lie between 1 and {LimitsOptions.MaxOpenStreams}.");
        if (options.OpenStreams is < 1 or > LimitsOptions.MaxOpenStreamsInAll)
            faults.Add($"Limits__OpenStreams must lie between 1 and {LimitsOptions.MaxOpenStreamsInAll}.");
        if (options.InFlight is < 1 or > LimitsOptions.MaxInFlight)
            faults.Add($"Limits__InFlight must lie between 1 and {LimitsOptions.MaxInFlight}.");
        if (options.InFlightPerCaller is < 1 or > LimitsOptions.MaxInFlight)
            faults.Add($"Limits__InFlightPerCaller must lie between 1 and {LimitsOptions.MaxInFlight}.");
        if (options.LargeBodies is < 2 or > LimitsOptions.MaxLargeBodies)
            faults.Add($"Limits__LargeBodies must lie between 2 and {LimitsOptions.MaxLargeBodies}.");
        if (options.LargeBodiesPerCaller is < 1 or > LimitsOptions.MaxLargeBodies)
            faults.Add($"Limits__LargeBodiesPerCaller must lie between 1 and {LimitsOptions.MaxLargeBodies}.");
        if (options.Videos is < 2 or > LimitsOptions.MaxVideos)
            faults.Add($"Limits__Videos must lie between 2 and {LimitsOptions.MaxVideos}.");
        if (options.VideosPerCaller is < 1 or > LimitsOptions.MaxVideos)
            faults.Add($"Limits__VideosPerCaller must lie between 1 and {LimitsOptions.MaxVideos}.");
        if (options.UploadsPerCallerPerDay is < 1 or > LimitsOptions.MaxUploads)
            faults.Add($"Limits__UploadsPerCallerPerDay must lie between 1 and {LimitsOptions.MaxUploads}.");
        if (options.UploadsPerTicket is < 1 or > LimitsOptions.MaxUploads)
            faults.Add($"Limits__UploadsPerTicket must lie between 1 and {LimitsOptions.MaxUploads}.");
        if (options.UploadBytesPerCallerPerDay is < 1 or > LimitsOptions.MaxUploadBytes)
            faults.Add($"Limits__UploadBytesPerCallerPerDay must lie between 1 and {LimitsOptions.MaxUploadBytes}.");
        return faults.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(faults);
    }
}
