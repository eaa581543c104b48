using System.Globalization;

using KlingProxy.Secrets;

using Microsoft.Extensions.Diagnostics.HealthChecks;

using Serilog;
using Serilog.Events;
using Serilog.Formatting;
using Serilog.Formatting.Compact;
using Serilog.Formatting.Display;

namespace KlingProxy.Observability;

/// <summary>What an operator sees: one line per outcome, and whether the service is well.</summary>
internal static class ObservabilityModule
{
    private const string Readable = "{Timestamp:HH:mm:ss} {Level:u3} {Message:lj}{Trail:l}{NewLine}{Exception}";

    /// <summary>Of both health checks; their bodies stay one word, which probes may compare.</summary>
    public const string VersionHeader = "X-KlingProxy-Version";

    /// <summary>A start that fails is told once, in a sentence on standard error; these would put the stack trace before it.</summary>
    private static readonly string[] SaidAtStart = ["Hosting failed to start", "Unable to start Kestrel."];

    /// <summary>Text for a terminal, or one JSON object a line.</summary>
    public static ITextFormatter Format(bool readable) =>
        readable ? new MessageTemplateTextFormatter(Readable, CultureInfo.InvariantCulture) : new CompactJsonFormatter();

    /// <param name="redaction">What no line may hold, whoever writes it.</param>
    public static void AddObservability(this WebApplicationBuilder builder, Redaction redaction)
    {
        var format = new RedactedFormat(Format(readable: builder.Environment.IsDevelopment()), redaction);

        // In code: reading Serilog's own configuration section needs reflection.
        builder.Services.AddSerilog(log => log
            .MinimumLevel.Information()
            .MinimumLevel.Override("Microsoft", LogEventLevel.Warning)
            .MinimumLevel.Override("System", LogEventLevel.Warning)
            .Enrich.FromLogContext()
            .Filter.ByExcluding(line => SaidAtStart.Contains(line.MessageTemplate.Text))
            .Filter.With(new UnreadRests())
            .Filter.With(new FloodGate(TimeProvider.System))
            .WriteTo.Console(format), preserveStaticLogger: true);
    }

    public static void MapObservability(this IEndpointRouteBuilder routes)
    {
        // The process answers; what it needs is another question.
        routes.MapHealthChecks("/health/live", new() { Predicate = _ => false, ResponseWriter = Answer }).AllowAnonymous();
        routes.MapHealthChecks("/health/ready", new() { ResponseWriter = Answer }).AllowAnonymous();
    }

    private static Task Answer(HttpContext context, HealthReport report)
    {
        context.Response.Headers[VersionHeader] = ServiceVersion.Text;
        context.Response.ContentType = "text/plain";
        return context.Response.WriteAsync(report.Status.ToString());
    }
}
