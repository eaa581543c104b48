using System.Net.Http.Headers;

using KlingProxy.Access;
using KlingProxy.Catalog;
using KlingProxy.Fal;
using KlingProxy.Problems;
using KlingProxy.Storage;
using KlingProxy.Uploads;

using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;

namespace KlingProxy.Tests.Uploads;

/// <summary>Uploads on real Kestrel, with as little around them as they need: callers, a database in a temporary folder, storage on loopback.</summary>
public sealed class UploadsHost : IAsyncDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("uploads-");
    private WebApplication app = null!;

    public StorageDouble Storage { get; } = new();

    public FakeTimeProvider Clock { get; } = new(new DateTimeOffset(2026, 8, 1, 12, 0, 0, TimeSpan.Zero));

    public Uri Url => new(app.Urls.First());

    public IServiceProvider Services => app.Services;

    public async Task Start()
    {
        await Storage.Start();
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory, EnvironmentName = "Production" });
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["FAL_KEY"] = "test-key",
            ["Fal:RestUrl"] = Storage.Url,
            ["Fal:MediaHosts:0"] = "*.fal.media",
            ["Access:OperatorKey"] = "an-operator-key-for-tests",
            ["Storage:Sqlite"] = Path.Combine(folder.FullName, "test.db"),
        });
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Services.AddSingleton<TimeProvider>(Clock);
        ((Func<IServiceCollection, IServiceCollection>)OpenApiServiceCollectionExtensions.AddOpenApi)(builder.Services);
        builder.AddProblems(new ServiceMode("live"));
        builder.AddAccess();
        builder.AddCatalog();
        builder.AddFal();
        builder.AddStorage();
        builder.AddUploads();

        app = builder.Build();
        app.UseProblems();
        app.UseAccess();
        app.MapUploads();
        app.MapOpenApi().AllowAnonymous();
        await app.OpenStorage();
        await app.StartAsync();
    }

    /// <summary>A client with a key of its own.</summary>
    public async Task<HttpClient> Client() => new()
    {
        BaseAddress = Url,
        DefaultRequestHeaders = { Authorization = new AuthenticationHeaderValue("Bearer", await Secret("client")) },
    };

    public async Task<string> Secret(string name)
    {
        var secret = KeySecret.New();
        var key = new ApiKey { Id = ApiKey.NewId(), Name = name, Scopes = [Scope.Jobs], Hash = secret.Hash, Hint = secret.Hint, CreatedAt = Clock.GetUtcNow() };
        await Services.GetRequiredService<IApiKeyStore>().Add(key, CancellationToken.None);
        return secret.Text;
    }

    public async Task<long> Recorded() =>
        (await Services.GetRequiredService<ISqlDatabase>().Read(sql => sql.Query("SELECT COUNT(*) FROM uploads", row => row.GetInt64(0))))[0];

    public async ValueTask DisposeAsync()
    {
        await app.DisposeAsync();
        await Storage.DisposeAsync();
        folder.Delete(recursive: true);
    }
}
