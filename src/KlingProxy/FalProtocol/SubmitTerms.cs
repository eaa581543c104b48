using System.Globalization;
using System.Text.Json;

using KlingProxy.Jobs;

namespace KlingProxy.FalProtocol;

/// <summary>The few headers of a submit that are honoured (§2.2). All others are dropped; none is forwarded as it came.</summary>
internal static class SubmitTerms
{
    private const string Priority = "x-fal-queue-priority", Lifecycle = "x-fal-object-lifecycle-preference", UploadLifecycle = "x-fal-object-lifecycle";

    /// <summary>The newer name wins. With the least that clients send, in seconds.</summary>
    private static readonly (string Name, double Above)[] StartTimeouts = [("x-fal-request-start-timeout", 0.1), ("x-fal-request-timeout", 1)];

    /// <summary>In seconds. Less than a minute, and the video may be gone before anybody saw it; ten years is for ever.</summary>
    private const long LeastLifetime = 60, LongestLifetime = 10L * 365 * 24 * 3600;

    private const int LongestHeader = 2048;

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
        var (name, above) = StartTimeouts.FirstOrDefault(header => headers.ContainsKey(header.Name));
        if (name is null)
            return true;
        if (headers[name] is [{ Length: <= 20 } text] && double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var seconds) && seconds > above)
        {
            start = TimeSpan.FromSeconds(Math.Min(seconds, TimeSpan.FromDays(1).TotalSeconds));
            return true;
        }
        fault = string.Create(CultureInfo.InvariantCulture, $"{name} must be a number of seconds above {above}.");
        return false;
    }

    private static bool TryReadLifetime(IHeaderDictionary headers, string name, out TimeSpan? lifetime, out string? fault)
    {
        (lifetime, fault) = (null, null);
        if (!headers.ContainsKey(name))
            return true;
        var wish = headers[name] is [{ Length: <= LongestHeader } text] ? Parse(text) : default;
        if (wish.ValueKind != JsonValueKind.Object)
            fault = $"{name} must be a JSON object.";
        foreach (var property in wish.ValueKind == JsonValueKind.Object ? wish.EnumerateObject() : default)
        {
            if (property.Value.ValueKind == JsonValueKind.Null || fault is not null)
                continue;
            if (property.Name != "expiration_duration_seconds")
                fault = $"{name} may hold expiration_duration_seconds only: what fal hides could not be shown to its caller.";
            else if (property.Value.ValueKind == JsonValueKind.Number && property.Value.TryGetInt64(out var seconds) && seconds is >= LeastLifetime and <= LongestLifetime)
                lifetime = TimeSpan.FromSeconds(seconds);
            else
                fault = string.Create(CultureInfo.InvariantCulture, $"expiration_duration_seconds must be a whole number from {LeastLifetime} to {LongestLifetime}.");
        }
        return fault is null;
    }

    private static JsonElement Parse(string text)
    {
        try
        {
            return JsonElement.Parse(text);
        }
        catch (JsonException)
        {
            return default;
        }
    }
}
