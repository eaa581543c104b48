using System.Globalization;

using Serilog;
using Serilog.Events;
using Serilog.Formatting;
using Serilog.Formatting.Compact;
using Serilog.Formatting.Display;

namespace KlingProxy.Observability;

/// <summary>What an operator sees: one line per outcome, and whether the service is well.</summary>
internal static class ObservabilityModule
{
    private const string Readable = "{Timestamp:HH:mm:ss} {Level:u3} {Message:lj}{NewLine}{Exception}";

    /// <param name="secrets">Values that no line may hold, whoever writes it.</param>
    public static void AddObservability(this WebApplicationBuilder builder, params IEnumerable<string?> secrets)
    {
        ITextFormatter format = builder.Environment.IsDevelopment()
            ? new MessageTemplateTextFormatter(Readable, CultureInfo.InvariantCulture)
            : new CompactJsonFormatter();

        // In code: reading Serilog's own configuration section needs reflection.
        builder.Services.AddSerilog(log => log
            .MinimumLevel.Information()
            .MinimumLevel.Override("Microsoft", LogEventLevel.Warning)
            .MinimumLevel.Override("System", LogEventLevel.Warning)
            .Enrich.FromLogContext()
            .WriteTo.Console(new Redaction(format, secrets)), preserveStaticLogger: true);
    }

    public static void MapObservability(this IEndpointRouteBuilder routes)
    {
        routes.MapHealthChecks("/health/live", new() { Predicate = _ => false }).AllowAnonymous(); // the process answers; what it needs is another question
        routes.MapHealthChecks("/health/ready").AllowAnonymous();
    }
}
