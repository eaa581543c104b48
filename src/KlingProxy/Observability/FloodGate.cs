using System.Collections.Concurrent;

using Serilog.Core;
using Serilog.Events;

namespace KlingProxy.Observability;

/// <summary>
/// Whoever sends a request a thousand times a second shall not fill the disk with a line for each: of every sentence that a stranger can make us say
/// only so many are written in a minute, and the next one says how many were left out. What we say of jobs and money is never left out.
/// </summary>
/// <param name="time">Counts the minutes.</param>
internal sealed class FloodGate(TimeProvider time) : ILogEventFilter
{
    public const int PerMinute = 60;

    /// <summary>On the last line of a minute that is full, and on the first after it.</summary>
    public const string LeftOut = "LeftOut";

    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    /// <summary>Of our own sentences, those that need no job and no credential: a refused delivery, a refused image.</summary>
    private static readonly int[] OfStrangers = [2001, 6002];

    /// <summary>Sentences are constants, so there are few; who writes them otherwise shall not cost memory.</summary>
    private const int MaxSentences = 1000;

    private readonly ConcurrentDictionary<string, Count> counts = new();

    public bool IsEnabled(LogEvent logEvent)
    {
        if (!IsBounded(logEvent))
            return true;
        if (counts.Count >= MaxSentences)
            counts.Clear();
        var count = counts.GetOrAdd($"{SourceOf(logEvent)} {logEvent.MessageTemplate.Text}", _ => new Count());
        lock (count)
            return Admits(count, logEvent);
    }

    private bool Admits(Count count, LogEvent logged)
    {
        var now = time.GetTimestamp();
        if (count.Written == 0 || time.GetElapsedTime(count.Since, now) >= Minute)
        {
            if (count.Written > PerMinute)
                Say(logged, $"{count.Written - PerMinute} like it");
            (count.Since, count.Written) = (now, 0);
        }
        if (++count.Written == PerMinute)
            Say(logged, "what comes like it within the minute");
        return count.Written <= PerMinute;
    }

    private static void Say(LogEvent logged, string what) => logged.AddOrUpdateProperty(new LogEventProperty(LeftOut, new ScalarValue(what)));

    // A library's sentences are about connections and requests; ours have numbers.
    private static bool IsBounded(LogEvent logged) =>
        !SourceOf(logged).StartsWith("KlingProxy", StringComparison.Ordinal)
        || (logged.Properties.GetValueOrDefault("EventId") is StructureValue id && id.Properties.Any(IsOfStrangers));

    private static bool IsOfStrangers(LogEventProperty property) =>
        property is { Name: "Id", Value: ScalarValue { Value: int number } } && OfStrangers.Contains(number);

    private static string SourceOf(LogEvent logged) =>
        logged.Properties.GetValueOrDefault(Constants.SourceContextPropertyName) is ScalarValue { Value: string source } ? source : "";

    private sealed class Count
    {
        public long Since { get; set; }

        public int Written { get; set; }
    }
}
