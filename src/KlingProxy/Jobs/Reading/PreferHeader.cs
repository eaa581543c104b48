using System.Globalization;

namespace KlingProxy.Jobs.Reading;

/// <summary><c>Prefer: wait=n</c> (RFC 7240): how long the caller would like to wait for the end. What is not understood is ignored, as the RFC asks.</summary>
internal static class PreferHeader
{
    public const string Name = "Prefer";

    /// <summary>Longer than this and proxies on the way give up.</summary>
    public static readonly TimeSpan MaxWait = TimeSpan.FromSeconds(60);

    public static bool IsToWait(HttpRequest request) => Wait(request) > TimeSpan.Zero;

    public static TimeSpan Wait(HttpRequest request)
    {
        foreach (var preference in request.Headers[Name].SelectMany(header => (header ?? "").Split(',', ';')))
        {
            if (preference.Split('=', 2, StringSplitOptions.TrimEntries) is [var name, var value]
                && name.Equals("wait", StringComparison.OrdinalIgnoreCase)
                && int.TryParse(value.Trim('"'), NumberStyles.None, CultureInfo.InvariantCulture, out var seconds))
                return TimeSpan.FromSeconds(Math.Min(seconds, MaxWait.TotalSeconds));
        }
        return TimeSpan.Zero;
    }
}
