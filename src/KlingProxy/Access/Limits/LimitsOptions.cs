using KlingProxy.Access.Credentials;
using KlingProxy.Ids;
using KlingProxy.Settings;
using KlingProxy.Settings.Rules;

using Microsoft.Extensions.Options;

namespace KlingProxy.Access.Limits;

/// <summary>How often one caller may call, and how much may be under way.</summary>
internal sealed class LimitsOptions : ISettings
{
    /// <summary>Of a key's own limits, too.</summary>
    public const int MaxRequestsPerMinute = 1_000_000, MaxInFlight = 1_000_000;

    public static string Section => "Limits";

    /// <summary>Per caller, or per signed link or address where there is no caller. A key's own limit wins.</summary>
    [Bounds(1, MaxRequestsPerMinute)]
    public int RequestsPerMinute { get; set; } = 600;

    /// <summary>Event streams and waiting calls (<c>Prefer: wait</c>) that one caller may hold open at a time.</summary>
    [Bounds(1, 10_000)]
    public int OpenStreamsPerCaller { get; set; } = 20;

    /// <summary>Of the holder of a ticket, whose page watches one job.</summary>
    [Bounds(1, 10_000)]
    public int OpenStreamsPerTicket { get; set; } = 4;

    /// <summary>Of all callers, on this replica: each takes about 11 KiB.</summary>
    [Bounds(1, 100_000)]
    public int OpenStreams { get; set; } = 5000;

    /// <summary>Jobs of the whole deployment at a time; what the account at fal runs beside one another, and some that wait.</summary>
    [Bounds(1, MaxInFlight)]
    public int InFlight { get; set; } = 40;

    /// <summary>Jobs of one caller at a time. A key's own limit wins.</summary>
    [Bounds(1, MaxInFlight)]
    public int InFlightPerCaller { get; set; } = 4;

    /// <summary>
    /// Uploads and jobs with images inside that are being read at a time, on this replica. Each takes about a megabyte of memory.
    /// </summary>
    [Bounds(2, 10_000)]
    public int LargeBodies { get; set; } = 64;

    /// <summary>The same of one caller; a ticket has a quarter of it, and an address without a credential half.</summary>
    [Bounds(1, 10_000)]
    public int LargeBodiesPerCaller { get; set; } = 8;

    /// <summary>Videos that are being sent at a time, on this replica. Each takes a quarter of a megabyte of memory.</summary>
    [Bounds(2, 10_000)]
    public int Videos { get; set; } = 100;

    /// <summary>The same to one caller; a ticket has a quarter of it, an address without a credential half, and each link all of it.</summary>
    [Bounds(1, 10_000)]
    public int VideosPerCaller { get; set; } = 20;

    /// <summary>Images that one caller may store at fal on a UTC day; the same again does not count.</summary>
    [Bounds(1, 1_000_000)]
    public int UploadsPerCallerPerDay { get; set; } = 500;

    /// <summary>The same of a ticket, which pays for one job of two images.</summary>
    [Bounds(1, 1_000_000)]
    public int UploadsPerTicket { get; set; } = 10;

    /// <summary>In bytes; of all these images together.</summary>
    [Bounds(1, 1_000_000_000_000_000)]
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

[OptionsValidator]
internal sealed partial class LimitsOptionsValidator : IValidateOptions<LimitsOptions>;
