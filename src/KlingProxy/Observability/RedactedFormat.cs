using KlingProxy.Secrets;

using Serilog.Events;
using Serilog.Formatting;

namespace KlingProxy.Observability;

/// <summary>
/// The last gate before a log line leaves: whatever was logged, by us or by a library, exceptions included, is cut to a bound, and known secrets and
/// everything that looks like a credential are struck out.
/// </summary>
internal sealed class RedactedFormat(ITextFormatter inner, Redaction redaction) : ITextFormatter
{
    public void Format(LogEvent logEvent, TextWriter output)
    {
        using var line = new StringWriter();
        inner.Format(BoundedEvent.Of(logEvent), line);
        output.Write(redaction.Strike(line.ToString()));
    }
}
