using Serilog.Core;
using Serilog.Events;

namespace KlingProxy.Observability;

/// <summary>
/// Leaves out what the server calls an error, with a trace, whenever a body of known length was given up in the middle of a read: it was reset, or came too
/// slowly. It cannot read on to the next request, and closes the connection, which is all that is to be done.
/// </summary>
internal sealed class UnreadRests : ILogEventFilter
{
    private const string Sentence = "automatic draining of the request body failed because the body reader is in an invalid state.";

    public bool IsEnabled(LogEvent logEvent) => !logEvent.MessageTemplate.Text.EndsWith(Sentence, StringComparison.Ordinal);
}
