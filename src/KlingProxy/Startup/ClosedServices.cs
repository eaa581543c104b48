using KlingProxy.Access.Credentials;
using KlingProxy.Fal.Queue;
using KlingProxy.Http.Wire;
using KlingProxy.Jobs.Canceling;
using KlingProxy.Jobs.Following;
using KlingProxy.Jobs.Submitting;
using KlingProxy.Jobs.Watching;
using KlingProxy.Settings;
using KlingProxy.Spending.Ledger;
using KlingProxy.Storage;
using KlingProxy.Storage.Postgres;
using KlingProxy.Storage.Sqlite;

using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Cors.Infrastructure;
using Microsoft.AspNetCore.Diagnostics.HealthChecks;
using Microsoft.AspNetCore.HostFiltering;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Http.Json;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Diagnostics.Metrics;
using Microsoft.Extensions.Hosting.Internal;
using Microsoft.Extensions.Validation;
using Microsoft.Extensions.WebEncoders;

using Swashbuckle.AspNetCore.SwaggerUI;

namespace KlingProxy.Startup;

/// <summary>
/// What is asked for while the service starts and is registered open, closed: see <see cref="OptionsAheadOfTime"/>. Where it is missing the platform makes
/// it all the same, but at run time; a test names it.
/// </summary>
internal static class ClosedServices
{
    public static void CloseServices(this IServiceCollection services)
    {
        services.CloseOptions();
        services.CloseLogs();
    }

    private static void CloseOptions(this IServiceCollection services)
    {
        services.CloseOptions<AuthenticationOptions>();
        services.CloseOptions<AuthenticationSchemeOptions>();
        services.CloseOptions<AuthorizationOptions>();
        services.CloseOptions<ConsoleLifetimeOptions>();
        services.CloseOptions<CorsOptions>();
        services.CloseOptions<FormOptions>();
        services.CloseOptions<HealthCheckOptions>();
        services.CloseOptions<HealthCheckPublisherOptions>();
        services.CloseOptions<HealthCheckServiceOptions>();
        services.CloseOptions<HostFilteringOptions>();
        services.CloseOptions<HostOptions>();
        services.CloseOptions<JsonOptions>();
        services.CloseOptions<KestrelServerOptions>();
        services.CloseOptions<MetricsOptions>();
        services.CloseOptions<ProblemDetailsOptions>();
        services.CloseOptions<RouteHandlerOptions>();
        services.CloseOptions<RouteOptions>();
        services.CloseOptions<SocketTransportOptions>();
        services.CloseOptions<StatusCodePagesOptions>();
        services.CloseOptions<SwaggerUIOptions>();
        services.CloseOptions<ValidationOptions>();
        services.CloseOptions<WebEncoderOptions>();
    }

    private static void CloseLogs(this IServiceCollection services)
    {
        services.CloseLog<ApplicationLifetime>();
        services.CloseLog<AuthorizationMiddleware>();
        services.CloseLog<BeginSubmit>();
        services.CloseLog<CompleteJob>();
        services.CloseLog<DefaultAuthorizationService>();
        services.CloseLog<DispatchJob>();
        services.CloseLog<FalQueue>();
        services.CloseLog<ForwardCancellation>();
        services.CloseLog<HostFilteringMiddleware>();
        services.CloseLog<JobFollower>();
        services.CloseLog<JobReconciler>();
        services.CloseLog<JwtKeys>();
        services.CloseLog<KestrelServer>();
        services.CloseLog<Migrator>();
        services.CloseLog<ObserveJob>();
        services.CloseLog<PatientReads>();
        services.CloseLog<PostgresAnnouncements>();
        services.CloseLog<ProveTotals>();
        services.CloseLog<RecoverLostSubmit>();
        services.CloseLog<ResponseHeaders>();
        services.CloseLog<SqliteStatistics>();
        services.CloseLog<SubmitJob>();
        services.CloseLog<UnacknowledgedCreates>();
    }

    private static void CloseLog<T>(this IServiceCollection services) =>
        services.AddSingleton<ILogger<T>>(provider => new Logger<T>(provider.GetRequiredService<ILoggerFactory>()));
}
