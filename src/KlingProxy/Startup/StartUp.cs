using System.Data.Common;
using System.Net.Sockets;

using KlingProxy.Access;
using KlingProxy.Access.Credentials;
using KlingProxy.Jobs.Submitting;
using KlingProxy.Secrets;
using KlingProxy.Settings;
using KlingProxy.Storage;

using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Options;

namespace KlingProxy.Startup;

/// <summary>What has to be right before the first request: addresses, settings, database, secrets.</summary>
internal static partial class StartUp
{
    /// <summary>Exit code EX_CONFIG of sysexits.h.</summary>
    public const int BadConfiguration = 78;

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
