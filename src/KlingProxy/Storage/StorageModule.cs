using KlingProxy.Access.Audit;
using KlingProxy.Access.Credentials;
using KlingProxy.Access.Keys;
using KlingProxy.Access.Tickets;
using KlingProxy.Http;
using KlingProxy.Http.Bodies;
using KlingProxy.Jobs;
using KlingProxy.Jobs.Canceling;
using KlingProxy.Secrets;
using KlingProxy.Settings;
using KlingProxy.Spending.Ledger;
using KlingProxy.Storage.Live;
using KlingProxy.Storage.Postgres;
using KlingProxy.Storage.Sqlite;
using KlingProxy.Storage.Stores;

using Microsoft.Extensions.Options;

namespace KlingProxy.Storage;

/// <summary>Implements what the other folders need from a database; what can be deleted brings its own tables' code.</summary>
internal static class StorageModule
{
    public static void AddStorage(this IHostApplicationBuilder builder)
    {
        builder.AddSettings<StorageOptions, StorageOptionsValidator>();
        builder.AddEngine();

        builder.Services.AddSingleton(services => new Spool(services.GetRequiredService<IOptions<StorageOptions>>().Value.SpoolFolder));
        builder.Services.AddProblems(DatabaseTrouble.Unavailable);
        builder.Services.AddExceptionHandler<DatabaseTrouble>();
        builder.Services.AddSingleton<LiveState>();
        builder.Services.AddSingleton<Migrator>();
        builder.Services.AddSingleton<StorageHealth>();
        builder.Services.AddHealthChecks().AddCheck<StorageHealth>("storage");
        builder.Services.AddSingleton<IJobStore, SqlJobStore>();
        builder.Services.AddSingleton<ILedger, SqlLedger>();
        builder.Services.AddSingleton<IApiKeyStore, SqlApiKeyStore>();
        builder.Services.AddSingleton<IAuditStore, SqlAuditStore>();
        builder.Services.AddSingleton<ITicketStore, SqlTicketStore>();
        builder.Services.AddSingleton<ICredentials, SqlCredentials>();
        builder.Services.AddSingleton<IAttentionStore, SqlAttentionStore>();
        builder.Services.AddSingleton<ISecretStore, SqlSecretStore>();
    }

    /// <summary>Before the first request: brings the database up to date. Throws where it cannot be used.</summary>
    public static async Task OpenStorage(this WebApplication app)
    {
        await app.Services.GetRequiredService<Migrator>().Run();
        app.Services.GetRequiredService<Spool>().Open();
    }

    private static void AddEngine(this IHostApplicationBuilder builder)
    {
        if (builder.Configuration.Said("Storage:Postgres") is null)
        {
            builder.Services.AddSingleton<ISqlDatabase, SqliteDatabase>();
            builder.Services.AddSingleton(LiveTrust.OfOwner);
            builder.Services.AddHostedService<SqliteStatistics>();
            return;
        }
        builder.Services.AddSingleton(services =>
            new PostgresDatabase(services.GetRequiredService<IOptions<StorageOptions>>().Value.Postgres!, services.GetRequiredService<TimeProvider>()));
        builder.Services.AddSingleton<ISqlDatabase>(services => services.GetRequiredService<PostgresDatabase>());
        builder.Services.AddSingleton<LiveTrust>();
        builder.Services.AddHostedService<PostgresAnnouncements>();
    }
}
