using System.Globalization;
using System.Text;

using KlingProxy.Http.Wire;

using Serilog.Events;
using Serilog.Parsing;

namespace KlingProxy.Observability;

/// <summary>
/// A log event as far as it may leave. Much of what stands in one was chosen by strangers (paths, queries, headers, texts of exceptions): it is cut,
/// and it gives no orders to a terminal and begins no line of its own.
/// </summary>
internal static class BoundedEvent
{
    /// <summary>What the readable format writes behind the message.</summary>
    public const string Trail = "Trail";

    /// <summary>In UTF-16 code units.</summary>
    private const int MaxText = 500, MaxTemplate = 2000, MaxException = 8000;

    private const int MaxItems = 20, MaxDepth = 4;

    private static readonly string[] Own = ["ConnectionId", "RequestId"];

    public static LogEvent Of(LogEvent logged)
    {
        var properties = logged.Properties
            .Where(property => !IsOfConnection(property.Key, logged))
            .Select(property => new LogEventProperty(Cut(property.Key, MaxText), Cut(property.Value, 0)))
            .Append(new LogEventProperty(Trail, new ScalarValue(TrailOf(logged))));
        return new LogEvent(
            logged.Timestamp, logged.Level, logged.Exception is { } error ? new ToldException(error) : null, Cut(logged.MessageTemplate), properties,
            logged.TraceId ?? default, logged.SpanId ?? default);
    }

    // The server's own id of a request, of which nobody outside ever hears, has the name that fal's has in our sentences.
    private static bool IsOfConnection(string name, LogEvent logged) =>
        Own.Contains(name) && logged.Properties.TryGetValue("ConnectionId", out var connection) && logged.Properties.TryGetValue(name, out var value)
        && Text(value).StartsWith(Text(connection), StringComparison.Ordinal);

    private static string TrailOf(LogEvent logged) => string.Concat(new[] { RequestScope.Name, FloodGate.LeftOut }
        .Where(logged.Properties.ContainsKey)
        .Select(name => $" [{name} {Cut(Text(logged.Properties[name]), MaxText)}]"));

    private static string Text(LogEventPropertyValue value) =>
        value is ScalarValue { Value: { } scalar } ? Convert.ToString(scalar, CultureInfo.InvariantCulture) ?? "" : "";

    private static MessageTemplate Cut(MessageTemplate template) =>
        template.Text.Length <= MaxTemplate && !template.Text.Any(IsUnfit) ? template : new MessageTemplate([new TextToken(Cut(template.Text, MaxTemplate))]);

    private static LogEventPropertyValue Cut(LogEventPropertyValue value, int depth) => value switch
    {
        ScalarValue { Value: null or bool or int or long or double or decimal or DateTimeOffset or TimeSpan or Enum } => value,
        ScalarValue scalar => new ScalarValue(Cut(Text(scalar), MaxText)),
        _ when depth == MaxDepth => new ScalarValue("…"),
        SequenceValue sequence => new SequenceValue(sequence.Elements.Take(MaxItems).Select(element => Cut(element, depth + 1))),
        StructureValue structure => new StructureValue(
            structure.Properties.Take(MaxItems).Select(property => new LogEventProperty(Cut(property.Name, MaxText), Cut(property.Value, depth + 1))),
            structure.TypeTag),
        DictionaryValue dictionary => new DictionaryValue(dictionary.Elements.Take(MaxItems).Select(element =>
            KeyValuePair.Create((ScalarValue)Cut(element.Key, depth + 1), Cut(element.Value, depth + 1)))),
        _ => new ScalarValue("…"),
    };

    private static string Cut(string text, int length)
    {
        var cut = text.Length <= length ? text : string.Concat(text.AsSpan(0, length), "…");
        return cut.Any(IsUnfit) ? Escaped(cut) : cut;
    }

    private static string Escaped(string text)
    {
        var escaped = new StringBuilder(text.Length);
        foreach (var character in text)
            _ = IsUnfit(character) ? escaped.Append(CultureInfo.InvariantCulture, $"<{(int)character:x4}>") : escaped.Append(character);
        return escaped.ToString();
    }

    // Ends of lines of every kind, orders to a terminal, and what turns the direction of writing.
    private static bool IsUnfit(char character) =>
        char.IsControl(character) || character is (>= '\u202a' and <= '\u202e') or (>= '\u2066' and <= '\u2069') or '\u2028' or '\u2029';

    /// <summary>An exception as it is told: its lines stand in, so that none looks like a line of the log.</summary>
    private sealed class ToldException(Exception error) : Exception
    {
        public override string ToString()
        {
            var text = error.ToString();
            var lines = (text.Length <= MaxException ? text : text[..MaxException] + "…").Split('\n', StringSplitOptions.TrimEntries);
            return string.Join('\n', lines.Select(line => $"    {Cut(line, MaxException)}"));
        }
    }
}
