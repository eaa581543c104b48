using KlingProxy.Access;
using KlingProxy.Fal;
using KlingProxy.FalCompat;
using KlingProxy.FalStorage;
using KlingProxy.FalWebhooks;
using KlingProxy.Http;
using KlingProxy.Http.Problems;
using KlingProxy.Http.Wire;
using KlingProxy.Jobs;
using KlingProxy.Models;
using KlingProxy.Observability;
using KlingProxy.OpenApi;
using KlingProxy.Orders;
using KlingProxy.Secrets;
using KlingProxy.Spending;
using KlingProxy.Startup;
using KlingProxy.Storage;
using KlingProxy.Studio;
using KlingProxy.Uploads;

if (StartUp.Begin(args) is not { } builder)
    return StartUp.BadConfiguration;
await using var sandbox = await SandboxSwitch.Start(builder);

var redaction = builder.AddSecrets();
redaction.Learn(builder.Configuration);
builder.AddObservability(redaction);
builder.AddProblems(sandbox is null ? new ServiceMode("live") : new ServiceMode("sandbox") { PrintsKeys = SandboxSwitch.HasKeysOfItsOwn(builder) });
builder.AddApiDescription();
builder.AddAccess();
builder.AddModels();
builder.AddSpending();
builder.AddOrders();
builder.AddFal();
builder.AddJobs();
builder.AddUploads();
builder.AddFalCompat();
builder.AddFalStorage();
builder.AddFalWebhooks();
builder.AddStorage();

var app = builder.Build();
if (!await app.IsReadyToStart())
    return StartUp.BadConfiguration;

app.UseHttp();
app.UseShortPath();
app.UseRoutes();
app.UseApiDescription();
app.UseAccess();
app.UseKnownParameters();

app.MapHttp();
app.MapApiDescription();
app.MapAccess();
app.MapModels(AccessPolicy.Jobs);
app.MapOrders();
app.MapSpending();
app.MapJobs();
app.MapUploads();
app.MapFalCompat();
app.MapFalStorage();
app.MapFalWebhooks();
app.MapStudio();
app.MapObservability();
app.MapSandboxFilms(sandbox);

app.AnnounceWhenStarted(sandbox is not null);
return await app.Serve();
