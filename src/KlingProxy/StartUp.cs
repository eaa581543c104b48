using System.Data.Common;

using KlingProxy.Access;
using KlingProxy.Jobs;
using KlingProxy.Observability;
using KlingProxy.Storage;

using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Options;

namespace KlingProxy;

/// <summary>What has to be right before the first request: addresses, settings, database, secrets.</summary>
internal static partial class StartUp
{
    /// <summary>Exit code EX_CONFIG of sysexits.h.</summary>
    public const int BadConfiguration = 78;

    /// <summary>In bytes. Routes have smaller limits and count for themselves; of what they refuse the server hears out as much as this, so that the sender sees the reason.</summary>
    private const long LargestBody = 64 * 1024 * 1024;

    /// <summary>Slower than this and it is no client but somebody who holds connections. A body that fits into the grace may come as slowly as it likes.</summary>
    private static readonly MinDataRate SlowestBody = new(bytesPerSecond: 1024, gracePeriod: TimeSpan.FromSeconds(10));

    private static readonly TimeSpan SlowestHead = TimeSpan.FromSeconds(10);

    /// <summary>In bytes; what a connection holds of a body that comes faster than it can be passed on. The default, 1 MiB, is most of what an upload takes.</summary>
    private const long ReadAhead = 128 * 1024;

    /// <summary>Orchestrators kill after 30 seconds, some after 20; what was begun at fal is recorded well before.</summary>
    private static readonly TimeSpan ShutdownTimeout = TimeSpan.FromSeconds(18);

    public static void ListenByDefault(this WebApplicationBuilder builder)
    {
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = ShutdownTimeout);
        builder.Services.Configure<SocketTransportOptions>(sockets => sockets.MaxReadBufferSize = ReadAhead);
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = LargestBody;
            kestrel.Limits.MinRequestBodyDataRate = SlowestBody;
            kestrel.Limits.RequestHeadersTimeout = SlowestHead;
            kestrel.Limits.MaxRequestBufferSize = ReadAhead;
        });
        if (builder.Configuration["urls"] is null && builder.Configuration["http_ports"] is null)
            builder.WebHost.UseUrls("http://localhost:8080");
    }

    extension(IConfiguration settings)
    {
        /// <summary>What no log line may hold, as it stands at start; rotated keys are known by their form.</summary>
        public IEnumerable<string?> Secrets =>
        [
            settings["FAL_KEY"],
            settings["FAL_ADMIN_KEY"],
            settings["Access:OperatorKey"],
            settings["Storage:Postgres"],
            StorageOptions.PasswordIn(settings["Storage:Postgres"]),
            .. new[] { settings["FAL_KEY_FILE"], settings["FAL_ADMIN_KEY_FILE"], settings["Access:OperatorKeyFile"] }.Where(File.Exists).Select(file => File.ReadAllText(file!).Trim()),
        ];
    }

    /// <returns>False when a setting is bad or the database cannot be used; then all of it stands on standard error, in one message.</returns>
    public static async Task<bool> IsReadyToStart(this WebApplication app)
    {
        try
        {
            app.Services.GetRequiredService<IStartupValidator>().Validate();
            await app.OpenStorage();
            await app.Services.GetRequiredService<SignedLinks>().Open(CancellationToken.None);
            await app.Services.GetRequiredService<WebhookAddress>().Open(CancellationToken.None);
            return true;
        }
        catch (Exception error) when (Faults(error) is { Count: > 0 } faults)
        {
            await Console.Error.WriteLineAsync($"KlingProxy cannot start:{string.Concat(faults.Select(fault => $"\n  - {fault}"))}");
            return false;
        }
    }

    public static void AnnounceWhenStarted(this WebApplication app, bool sandbox) => app.Lifetime.ApplicationStarted.Register(() =>
    {
        if (app.Environment.IsDevelopment())
        {
            // Only the one that opens nothing else: an operator's own key is not for a screen.
            var ownKey = app.Services.GetRequiredService<IOptions<AccessOptions>>().Value.OperatorKey == SandboxSwitch.OperatorKey;
            Console.Out.WriteLine(Banner.Of(sandbox, app.Urls, ownKey ? SandboxSwitch.OperatorKey : null));
        }
        else
        {
            LogStarted(app.Logger, sandbox ? "on the Sandbox: nothing is spent" : "live: jobs cost money", string.Join(", ", app.Urls));
        }
    });

    private static IReadOnlyList<string> Faults(Exception error) => error switch
    {
        OptionsValidationException invalid => [.. invalid.Failures],
        AggregateException several => [.. several.InnerExceptions.SelectMany(Faults)],
        InvalidOperationException or IOException or UnauthorizedAccessException => [error.Message],
        SqliteException => [$"Storage__Sqlite: the file cannot be used. {error.Message}"],
        DbException => [$"Storage__Postgres: the database cannot be used. {error.Message}"],
        _ => [],
    };

    [LoggerMessage(1, LogLevel.Information, "KlingProxy runs {Mode}. It listens on {Addresses}")]
    private static partial void LogStarted(ILogger logger, string mode, string addresses);
}
