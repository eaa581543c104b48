using System.Collections.Concurrent;

using Serilog.Core;
using Serilog.Events;

namespace KlingProxy.Tests;

/// <summary>Collects every log line, down to the libraries' debug lines, before any redaction, and remembers which of them held the key.</summary>
public sealed class LogWatch(string canary) : ILogEventSink
{
    private readonly ConcurrentQueue<LogEvent> events = new();

    public IReadOnlyList<LogEvent> Events => [.. events];

    public IReadOnlyList<string> Lines => [.. events.Select(Text)];

    public void Emit(LogEvent logEvent)
    {
        if (!IsRoundTrip(logEvent))
            events.Enqueue(logEvent);
    }

    public void AssertClean() => Assert.DoesNotContain(Lines, line => line.Contains(canary, StringComparison.Ordinal));

    // Whoever waits for something makes thousands of these, with nothing in them: they would be most of what is searched.
    private static bool IsRoundTrip(LogEvent logEvent) =>
        logEvent.Properties.TryGetValue("RequestPath", out var path) && path is ScalarValue { Value: "/health/live" };

    private static string Text(LogEvent logEvent) =>
        $"{logEvent.Level} {logEvent.RenderMessage(System.Globalization.CultureInfo.InvariantCulture)} {string.Join(' ', logEvent.Properties.Values)} {logEvent.Exception}";
}
