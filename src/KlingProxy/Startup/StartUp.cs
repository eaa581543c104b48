using System.Data.Common;
using System.Net.Sockets;

using KlingProxy.Access;
using KlingProxy.Access.Credentials;
using KlingProxy.Access.Limits;
using KlingProxy.Http.Pieces;
using KlingProxy.Http.Problems;
using KlingProxy.Jobs.Submitting;
using KlingProxy.Secrets;
using KlingProxy.Settings;
using KlingProxy.Storage;

using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Options;

namespace KlingProxy.Startup;

/// <summary>What has to be right before the first request: addresses, settings, database, secrets.</summary>
internal static partial class StartUp
{
    /// <summary>Exit code EX_CONFIG of sysexits.h.</summary>
    public const int BadConfiguration = 78;

    /// <summary>
    /// In bytes. Routes have smaller limits and count for themselves; of what they refuse the server hears out as much as this, so that the sender sees the
    /// reason.
    /// </summary>
    private const long MaxBodyBytes = 64 * 1024 * 1024;

    /// <summary>
    /// Slower than this and it is no client but somebody who holds connections. A body that fits into the grace may come as slowly as it likes.
    /// </summary>
    private static readonly MinDataRate MinBodyRate = new(bytesPerSecond: 1024, gracePeriod: TimeSpan.FromSeconds(10));

    private static readonly TimeSpan MaxHeadTime = TimeSpan.FromSeconds(10);

    /// <summary>
    /// In bytes; what a connection holds of a body that comes faster than it can be passed on, or that nobody reads. The default, 1 MiB, is most of what an
    /// upload takes.
    /// </summary>
    private const int ReadAhead = 32 * 1024;

    /// <summary>
    /// In bytes, of all headers together: a signed-in user's token has up to 8 KiB. The request line, with our longest links, is counted apart (8 KiB).
    /// </summary>
    private const int MaxHeadBytes = 16 * 1024;

    /// <summary>In bytes; the least that HTTP/2 allows. Its default is a megabyte of each connection.</summary>
    private const int ReadAheadOfHttp2 = 64 * 1024;

    /// <summary>Orchestrators kill after 30 seconds, some after 20; what was begun at fal is recorded well before.</summary>
    private static readonly TimeSpan ShutdownTimeout = TimeSpan.FromSeconds(18);

    /// <returns><c>null</c> when the settings' own files or the command line cannot be read; then that stands on standard error.</returns>
    public static WebApplicationBuilder? Begin(string[] args)
    {
        try
        {
            var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions
            {
                Args = args,
                ContentRootPath = AppContext.BaseDirectory, // appsettings.json lives at the repository root and is linked into the output
            });
            builder.Services.CloseServices();
            builder.LimitConnections();
            builder.ListenByDefault();
            builder.Services.AddHostedService<SpareMemory>();
            return builder;
        }
        // The last is of a switch of the host itself, such as DOTNET_hostBuilder__reloadConfigOnChange, that is neither true nor false.
        catch (Exception error) when (error is InvalidDataException or FormatException or IOException or UnauthorizedAccessException
            or InvalidOperationException)
        {
            Refuse([error.InnerException is { } inner ? $"{error.Message} {inner.Message}" : error.Message]);
            return null;
        }
    }

    private static void LimitConnections(this WebApplicationBuilder builder)
    {
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = ShutdownTimeout);
        builder.Services.Configure<SocketTransportOptions>(sockets => sockets.MaxReadBufferSize = ReadAhead);
        builder.Services.AddPieces();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.ConfigureEndpointDefaults(listen => listen.ExplainOwnRefusals());
            kestrel.Limits.MaxRequestBodySize = MaxBodyBytes;
            kestrel.Limits.MinRequestBodyDataRate = MinBodyRate;
            kestrel.Limits.RequestHeadersTimeout = MaxHeadTime;
            kestrel.Limits.MaxRequestBufferSize = ReadAhead;
            kestrel.Limits.MaxConcurrentConnections = MemoryBounds.OfProcess().Connections;
            kestrel.Limits.MaxRequestHeadersTotalSize = kestrel.Limits.Http2.MaxRequestHeaderFieldSize = MaxHeadBytes;
            kestrel.Limits.Http2.InitialConnectionWindowSize = kestrel.Limits.Http2.InitialStreamWindowSize = ReadAheadOfHttp2;
        });
    }

    extension(Redaction redaction)
    {
        /// <summary>What no log line may hold, as it stands before anybody reads it; what a file holds later is learned when it is read.</summary>
        public void Learn(IConfiguration settings)
        {
            foreach (var key in new[] { "FAL_KEY", "FAL_ADMIN_KEY" })
            {
                redaction.Learn(settings.Said(key));
                redaction.Learn(InFile(settings.Said($"{key}_FILE")));
            }
            redaction.LearnExactly(settings.Said("Access:OperatorKey"));
            redaction.LearnExactly(InFile(settings.Said("Access:OperatorKeyFile")));
            redaction.LearnExactly(settings.Said("Storage:Postgres"));
            redaction.LearnExactly(StorageOptions.PasswordIn(settings.Said("Storage:Postgres")));
        }
    }

    private static string? InFile(string? path) => path is null ? null : SecretFile.Read(path);

    /// <returns>False when a setting is bad or the database cannot be used; then all of it stands on standard error, in one message.</returns>
    public static async Task<bool> IsReadyToStart(this WebApplication app)
    {
        if (FaultsOfSettings(app.Services) is { Count: > 0 } faults)
            return Refuse(faults);
        try
        {
            await app.OpenStorage();
            await app.Services.GetRequiredService<SignedLinks>().Open(CancellationToken.None);
            await app.Services.GetRequiredService<WebhookAddress>().Open(CancellationToken.None);
            return true;
        }
        catch (Exception error) when (Faults(error) is { Count: > 0 } of)
        {
            return Refuse(of);
        }
    }

    /// <summary>Until it is told to stop.</summary>
    /// <returns>The exit code.</returns>
    public static async Task<int> Serve(this WebApplication app)
    {
        await using var served = app;
        try
        {
            await app.StartAsync();
        }
        catch (OperationCanceledException) when (app.Lifetime.ApplicationStopping.IsCancellationRequested)
        {
            return 0; // told to stop before it had begun
        }
        catch (Exception error)
        {
            await app.StopAsync(); // what began in the background ends as when it is told to, and not as a failure with a trace
            Refuse([ListeningAddresses.Fault(error) ?? $"It could not begin to serve. {error.GetType().Name}: {error.Message}"]);
            return BadConfiguration;
        }
        await app.WaitForShutdownAsync();
        return 0;
    }

    public static void AnnounceWhenStarted(this WebApplication app, bool sandbox) => app.Lifetime.ApplicationStarted.Register(() =>
    {
        if (app.Environment.IsDevelopment())
        {
            // Only those that open nothing else: an operator's own key is not for a screen.
            var isOurs = sandbox && app.Services.GetRequiredService<IOptions<AccessOptions>>().Value.OperatorKey == SandboxSwitch.OperatorKey;
            Console.Out.WriteLine(Banner.Of(sandbox, app.Urls, sandbox ? SandboxKey.Jobs : null, isOurs ? SandboxSwitch.OperatorKey : null));
        }
        else
        {
            LogStarted(app.Logger, sandbox ? "on the Sandbox: nothing is spent" : "live: jobs cost money", string.Join(", ", app.Urls));
        }
    });

    // Nothing is opened yet: whoever fixes one thing after the other would have to start as often.
    private static IReadOnlyList<string> FaultsOfSettings(IServiceProvider services)
    {
        var reading = services.GetRequiredService<SettingsReading>();
        IReadOnlyList<string> faults = [];
        try
        {
            services.GetRequiredService<IStartupValidator>().Validate();
        }
        catch (Exception error) when (Faults(error) is { Count: > 0 } of)
        {
            faults = of;
        }
        return [.. faults, .. UnreadSettings.Of(reading), .. ListeningAddresses.Faults(reading.Configuration)];
    }

    private static bool Refuse(IReadOnlyList<string> faults)
    {
        // A driver or a parser may say what it was given, and this is no log line.
        Console.Error.WriteLine($"KlingProxy cannot start:{string.Concat(faults.Distinct().Select(fault => $"\n  - {CredentialPatterns.Strike(fault)}"))}");
        return false;
    }

    private static IReadOnlyList<string> Faults(Exception error) => error switch
    {
        OptionsValidationException invalid => [.. invalid.Failures],
        AggregateException several => [.. several.InnerExceptions.SelectMany(Faults)],
        InvalidOperationException or IOException or UnauthorizedAccessException => [error.Message],
        SocketException => [$"Storage__Postgres: the server cannot be reached. {error.Message}"], // the driver throws it as it is when a name is unknown
        SqliteException => [$"Storage__Sqlite: the file cannot be used. {error.Message}"],
        DbException => [$"Storage__Postgres: the database cannot be used. {error.Message}"],
        _ => [],
    };

    [LoggerMessage(1, LogLevel.Information, "KlingProxy runs {Mode}. It listens on {Addresses}")]
    private static partial void LogStarted(ILogger logger, string mode, string addresses);
}
