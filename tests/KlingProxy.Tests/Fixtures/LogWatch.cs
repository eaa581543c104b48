using System.Collections.Concurrent;

using Serilog.Core;
using Serilog.Events;

namespace KlingProxy.Tests.Fixtures;

/// <summary>
/// Collects every log line, down to the libraries' debug lines, before any redaction, and remembers which of them held the key. Of a test that asks for
/// minutes whether something has happened it keeps the newest, and has looked at the others.
/// </summary>
public sealed class LogWatch(string canary) : ILogEventSink
{
    private const int MaxKept = 50_000;

    private readonly ConcurrentQueue<LogEvent> events = new();
    private readonly ConcurrentQueue<string> leaks = new();

    public IReadOnlyList<LogEvent> Events => [.. events];

    public IReadOnlyList<string> Lines => [.. events.Select(Text)];

    public void Emit(LogEvent logEvent)
    {
        if (IsRoundTrip(logEvent))
            return;
        events.Enqueue(logEvent);
        if (events.Count > MaxKept && events.TryDequeue(out var oldest) && Text(oldest) is var line && Leaks(line))
            leaks.Enqueue(line);
    }

    public void AssertClean() => Assert.Empty(leaks.Concat(Lines.Where(Leaks)));

    private bool Leaks(string line) => line.Contains(canary, StringComparison.Ordinal);

    // With which fixtures give the service its turn, thousands of times; what the libraries say of it is nothing.
    private static bool IsRoundTrip(LogEvent logEvent) =>
        logEvent.Level < LogEventLevel.Information && logEvent.Properties.TryGetValue("RequestPath", out var path) && path is ScalarValue { Value: "/health/live" };

    private static string Text(LogEvent logEvent) =>
        $"{logEvent.Level} {logEvent.RenderMessage(System.Globalization.CultureInfo.InvariantCulture)} {string.Join(' ', logEvent.Properties.Values)} {logEvent.Exception}";
}
