using System.Text;

namespace KlingProxy.Startup;

/// <summary>The first thing a newcomer reads: what this is talking to, and what to open.</summary>
internal static class Banner
{
    /// <param name="jobsKey">A key of the Sandbox's own that makes videos, and opens nothing anywhere else; <c>null</c> in Live mode.</param>
    /// <param name="operatorKey">Likewise, for operating: it makes none.</param>
    public static string Of(bool sandbox, IEnumerable<string> addresses, string? jobsKey, string? operatorKey)
    {
        var text = new StringBuilder();
        text.AppendLine(sandbox
            ? "KlingProxy runs on the SANDBOX, the built-in twin of fal: no key, no network, nothing is spent."
            : "KlingProxy runs LIVE: jobs are sent to fal and cost money.");
        foreach (var address in addresses.Select(Openable))
        {
            text.AppendLine(System.Globalization.CultureInfo.InvariantCulture, $"  Studio     {address}/");
            text.AppendLine(System.Globalization.CultureInfo.InvariantCulture, $"  Swagger    {address}/swagger");
        }
        if (jobsKey is not null)
            text.AppendLine(System.Globalization.CultureInfo.InvariantCulture, $"  Videos     Authorization: Bearer {jobsKey}");
        if (operatorKey is not null)
            text.AppendLine(System.Globalization.CultureInfo.InvariantCulture, $"  Operator   Authorization: Bearer {operatorKey}");
        return text.ToString();
    }

    private static string Openable(string address) =>
        address.Replace("0.0.0.0", "localhost", StringComparison.Ordinal).Replace("[::]", "localhost", StringComparison.Ordinal).TrimEnd('/');
}
