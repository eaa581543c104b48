using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text;

using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;

using NSec.Cryptography;

namespace KlingProxy.Bench.Servers;

/// <summary>
/// What stands where fal would, the same for all contestants: it takes jobs, ends them when told to, signs webhooks, and swallows uploads. It runs in this
/// program, whose CPU is nobody's, and does as little as it can.
/// </summary>
internal sealed class FalStandIn : IAsyncDisposable
{
    public const string Model = "fal-ai/kling-video/o3/4k/image-to-video", Key = "bench:key", Account = "bench-account";

    private const string Requests = "/fal-ai/kling-video/requests/";

    private readonly ConcurrentDictionary<string, StandInJob> jobs = new();
    private readonly Key signing = NSec.Cryptography.Key.Create(SignatureAlgorithm.Ed25519, new() { ExportPolicy = KeyExportPolicies.AllowPlaintextExport });
    private readonly WebApplication server;
    private int calls;

    private FalStandIn(WebApplication server) => this.server = server;

    public int Port { get; private set; }

    /// <summary>How often anybody has called.</summary>
    public int Calls => Volatile.Read(ref calls);

    /// <summary>Where results say that their video is.</summary>
    public string VideoUrl { get; set; } = "https://v3b.fal.media/files/b/bench/output.mp4";

    public static async Task<FalStandIn> Start()
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.Listen(IPAddress.Loopback, 0);
            kestrel.Limits.MaxRequestBodySize = null;
            kestrel.Limits.MinRequestBodyDataRate = kestrel.Limits.MinResponseDataRate = null;
        });
        builder.Services.Configure<Microsoft.Extensions.Hosting.HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromSeconds(1));
        var standIn = new FalStandIn(builder.Build());
        standIn.server.Run(standIn.Answer);
        await standIn.server.StartAsync();
        var address = standIn.server.Services.GetRequiredService<IServer>().Features.GetRequiredFeature<IServerAddressesFeature>().Addresses.Single();
        standIn.Port = new Uri(address).Port;
        return standIn;
    }

    /// <summary>From now on it says that the request is over, to those that ask and on streams that are open.</summary>
    /// <param name="webhook">A part of the address at which its end is reported: a job's id.</param>
    public StandInJob Finish(string webhook)
    {
        var job = jobs.Values.First(job => job.Webhook?.Contains(webhook, StringComparison.Ordinal) == true);
        job.Over.TrySetResult();
        return job;
    }

    /// <summary>Every job that was taken, in no order.</summary>
    public IReadOnlyList<StandInJob> Jobs => [.. jobs.Values];

    public void Forget() => jobs.Clear();

    /// <returns>The delivery that reports the end of a request, signed now.</returns>
    public ReadOnlyMemory<byte> Delivery(string requestId, string path)
    {
        var body = Encoding.UTF8.GetBytes($$"""{"error": null, "gateway_request_id": "{{requestId}}", "payload": {{Result}}, "request_id": "{{requestId}}", "status": "OK"}""");
        var timestamp = DateTimeOffset.UtcNow.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        var signed = Encoding.UTF8.GetBytes($"{requestId}\n{Account}\n{timestamp}\n{Convert.ToHexStringLower(SHA256.HashData(body))}");
        return Load.RequestBytes.Of("POST", path, body, "Content-Type: application/json", $"X-Fal-Webhook-Request-Id: {requestId}",
            $"X-Fal-Webhook-User-Id: {Account}", $"X-Fal-Webhook-Timestamp: {timestamp}",
            $"X-Fal-Webhook-Signature: {Convert.ToHexStringLower(SignatureAlgorithm.Ed25519.Sign(signing, signed))}");
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var job in jobs.Values)
            job.Over.TrySetResult(); // or open streams would hold it up
        await server.StopAsync();
        await server.DisposeAsync();
        signing.Dispose();
    }

    private string Result => $$"""{"video": {"content_type": "video/mp4", "file_name": "output.mp4", "file_size": 12037975, "url": "{{VideoUrl}}" } }""";

    private Task Answer(HttpContext context)
    {
        Interlocked.Increment(ref calls);
        var (method, path) = (context.Request.Method, context.Request.Path.Value!);
        if (path.StartsWith(Requests, StringComparison.Ordinal))
        {
            var rest = path[Requests.Length..].Split('/', 2);
            return AnswerAbout(context, rest[0], rest.Length > 1 ? rest[1] : "");
        }
        return (method, path) switch
        {
            ("POST", $"/{Model}") => Take(context),
            ("POST", "/storage/upload/initiate") => Json(context, 200, Place()),
            ("PUT", _) => Swallow(context),
            (_, "/.well-known/jwks.json") => Json(context, 200, Jwks()),
            _ => Json(context, 404, """{"detail":"Not found"}"""),
        };
    }

    private async Task Take(HttpContext context)
    {
        await context.Request.Body.CopyToAsync(Stream.Null);
        var job = new StandInJob(Guid.CreateVersion7().ToString(), context.Request.Query["fal_webhook"]);
        jobs[job.RequestId] = job;
        context.Response.Headers["x-fal-request-id"] = job.RequestId;
        await Json(context, 200, Status(job, "IN_QUEUE", ",\"queue_position\":0"));
    }

    private async Task AnswerAbout(HttpContext context, string requestId, string what)
    {
        if (!jobs.TryGetValue(requestId, out var job))
        {
            await Json(context, 404, """{"status":"NOT_FOUND"}""");
            return;
        }
        context.Response.Headers["x-fal-request-id"] = requestId;
        var isOver = job.Over.Task.IsCompleted;
        switch (what)
        {
            case "status":
                await Json(context, isOver ? 200 : 202, isOver ? Status(job, "COMPLETED", Over) : Status(job, "IN_PROGRESS", Logs));
                break;
            case "status/stream":
                context.Response.ContentType = "text/event-stream";
                await context.Response.WriteAsync($"data: {Status(job, "IN_PROGRESS", Logs)}\n\n");
                await context.Response.Body.FlushAsync();
                while (!job.Over.Task.IsCompleted && !context.RequestAborted.IsCancellationRequested)
                    if (await Task.WhenAny(job.Over.Task, Task.Delay(TimeSpan.FromSeconds(15), context.RequestAborted)) != job.Over.Task)
                        await context.Response.WriteAsync(": still there\n\n");
                await context.Response.WriteAsync($"data: {Status(job, "COMPLETED", Over)}\n\n");
                break;
            case "" when isOver && job.IsRefused:
                await Json(context, 422, """{"detail":[{"loc":["body","prompt"],"msg":"The prompt was rejected.","type":"content_policy_violation"}]}""");
                break;
            case "" when isOver:
                context.Response.Headers["x-fal-billable-units"] = "5";
                await Json(context, 200, Result);
                break;
            case "":
                await Json(context, 400, """{"detail":"Request is still in progress"}""");
                break;
            default:
                await Json(context, 202, """{"status":"CANCELLATION_REQUESTED"}""");
                break;
        }
    }

    private const string Logs = ",\"logs\":[]", Over = ",\"logs\":[],\"metrics\":{\"inference_time\":218.4}";

    private string Status(StandInJob job, string word, string more)
    {
        var address = $"http://127.0.0.1:{Port}{Requests}{job.RequestId}";
        return $$"""{"status":"{{word}}","request_id":"{{job.RequestId}}"{{more}},"response_url":"{{address}}","status_url":"{{address}}/status","cancel_url":"{{address}}/cancel"}""";
    }

    private string Place()
    {
        var name = Guid.NewGuid().ToString("n");
        return $$"""{"upload_url":"http://127.0.0.1:{{Port}}/put/{{name}}","file_url":"http://127.0.0.1:{{Port}}/files/{{name}}.png"}""";
    }

    private string Jwks()
    {
        var key = System.Buffers.Text.Base64Url.EncodeToString(signing.PublicKey.Export(KeyBlobFormat.RawPublicKey));
        return $$"""{"keys":[{"kty":"OKP","crv":"Ed25519","x":"{{key}}","kid":"bench"}]}""";
    }

    private static async Task Swallow(HttpContext context)
    {
        for (var isOver = false; !isOver;)
        {
            var read = await context.Request.BodyReader.ReadAsync();
            context.Request.BodyReader.AdvanceTo(read.Buffer.End);
            isOver = read.IsCompleted;
        }
        context.Response.StatusCode = 200;
    }

    private static Task Json(HttpContext context, int status, string json)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/json";
        context.Response.ContentLength = Encoding.UTF8.GetByteCount(json);
        return context.Response.WriteAsync(json);
    }
}

/// <param name="Webhook">The whole address at which its end is to be reported.</param>
internal sealed record StandInJob(string RequestId, string? Webhook)
{
    public TaskCompletionSource Over { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>It ends without a video.</summary>
    public bool IsRefused { get; set; }

    public string WebhookPath => new Uri(Webhook!).PathAndQuery;
}
