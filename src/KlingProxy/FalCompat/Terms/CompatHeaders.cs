using System.Globalization;

using KlingProxy.Jobs;

namespace KlingProxy.FalCompat.Terms;

/// <summary>
/// The few headers of a submit that are honoured (docs/fal-contract.md §2.2). All others are named in the answer; none is forwarded as it came.
/// </summary>
internal static class CompatHeaders
{
    private const string Priority = "x-fal-queue-priority", Lifecycle = "x-fal-object-lifecycle-preference", UploadLifecycle = "x-fal-object-lifecycle";

    /// <summary>The newer name wins.</summary>
    private static readonly string[] StartTimeouts = ["x-fal-request-start-timeout", "x-fal-request-timeout"];

    /// <summary>In seconds; fal takes no less.</summary>
    private const double MinStartTimeout = 0.1;

    /// <summary>Headers that have an effect here.</summary>
    public static readonly string[] OfSubmit = [Priority, Lifecycle, .. StartTimeouts], OfUpload = [Lifecycle, UploadLifecycle];

    /// <returns>What was asked for, <c>null</c> for nothing; or what is wrong with it.</returns>
    public static (JobTerms? Terms, string? Fault) Read(IHeaderDictionary headers)
    {
        var low = headers[Priority] is [{ } priority] && priority.Equals("low", StringComparison.OrdinalIgnoreCase); // fal ignores every other value
        if (!TryReadStart(headers, out var start, out var fault) || !TryReadLifetime(headers, Lifecycle, out var lifetime, out fault))
            return (null, fault);
        return (low || start is not null || lifetime is not null ? new JobTerms(low, start, lifetime) : null, null);
    }

    /// <summary>The same for an upload, which has one term and, from fal's own client, another name for it.</summary>
    public static (TimeSpan? KeepFor, string? Fault) ReadUpload(IHeaderDictionary headers)
    {
        TryReadLifetime(headers, headers.ContainsKey(UploadLifecycle) ? UploadLifecycle : Lifecycle, out var lifetime, out var fault);
        return (lifetime, fault);
    }

    private static bool TryReadStart(IHeaderDictionary headers, out TimeSpan? start, out string? fault)
    {
        (start, fault) = (null, null);
        if (StartTimeouts.FirstOrDefault(headers.ContainsKey) is not { } name)
            return true;
        if (headers[name] is [{ Length: <= 20 } text] && double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var seconds)
            && seconds > MinStartTimeout)
        {
            start = TimeSpan.FromSeconds(Math.Min(seconds, TimeSpan.FromDays(1).TotalSeconds));
            return true;
        }
        fault = string.Create(CultureInfo.InvariantCulture, $"{name} must be a number of seconds above {MinStartTimeout}.");
        return false;
    }

    private static bool TryReadLifetime(IHeaderDictionary headers, string name, out TimeSpan? lifetime, out string? fault)
    {
        (lifetime, fault) = headers.ContainsKey(name) ? CompatLifecycle.Read(name, headers[name] is [{ } text] ? text : null) : (null, null);
        return fault is null;
    }
}
