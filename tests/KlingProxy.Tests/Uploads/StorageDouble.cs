using System.Text.Json;

using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace KlingProxy.Tests.Uploads;

/// <summary>fal's storage, over a real socket: says yes or no, and remembers what arrived whole.</summary>
public sealed class StorageDouble : IAsyncDisposable
{
    /// <summary>So that a mistake fails a test instead of hanging it.</summary>
    private static readonly TimeSpan HangGuard = TimeSpan.FromMinutes(1);

    private readonly WebApplication app;
    private long counted;
    private readonly TaskCompletionSource begun = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<Arrival> ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public StorageDouble()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        app = builder.Build();
    }

    /// <param name="Bytes"><c>null</c> when sending broke off.</param>
    public sealed record Arrival(string? ContentType, long? ContentLength, bool HasKey, byte[]? Bytes);

    public string Url => app.Urls.First();

    public int InitiateStatus { get; set; } = 200;

    public int PutStatus { get; set; } = 200;

    /// <summary>Never answers a PUT.</summary>
    public bool IsSilent { get; set; }

    /// <summary>Counts what arrives instead of keeping it.</summary>
    public bool IsForgetful { get; init; }

    /// <summary>In bytes, of all PUTs that arrived whole.</summary>
    public long Counted => Interlocked.Read(ref counted);

    public int Places { get; private set; }

    public string FileName { get; private set; } = "";

    /// <summary>A PUT has delivered its first byte.</summary>
    public Task Begun => begun.Task.WaitAsync(HangGuard);

    /// <summary>The first PUT, once all of it is there or it broke off.</summary>
    public Task<Arrival> Ended => ended.Task.WaitAsync(HangGuard);

    public async Task Start()
    {
        app.Urls.Add("http://127.0.0.1:0");
        app.MapPost("/storage/upload/initiate", Initiate);
        app.MapPut("/put/{name}", Put);
        await app.StartAsync();
    }

    public ValueTask DisposeAsync() => app.DisposeAsync();

    private async Task Initiate(HttpContext context)
    {
        using var body = await JsonDocument.ParseAsync(context.Request.Body);
        FileName = body.RootElement.GetProperty("file_name").GetString()!;
        Places++;
        context.Response.StatusCode = InitiateStatus;
        await context.Response.WriteAsync($$"""{"upload_url":"{{Url}}/put/{{FileName}}?signature=1","file_url":"{{Url}}/files/{{FileName}}"}""");
    }

    private async Task Put(HttpContext context)
    {
        var request = context.Request;
        byte[]? bytes = null;
        if (IsForgetful)
        {
            await Count(request.Body);
            return;
        }
        try
        {
            using var whole = new MemoryStream();
            var chunk = new byte[64 * 1024];
            for (int read; (read = await request.Body.ReadAsync(chunk)) > 0;)
            {
                begun.TrySetResult();
                whole.Write(chunk.AsSpan(0, read));
            }
            bytes = whole.ToArray();
        }
        catch (IOException)
        {
            // Broken off: what came is not kept.
        }
        ended.TrySetResult(new Arrival(request.ContentType, request.ContentLength, request.Headers.Authorization.Count > 0, bytes));
        if (IsSilent)
            await new TaskCompletionSource().Task.WaitAsync(context.RequestAborted);
        context.Response.StatusCode = PutStatus;
    }

    private async Task Count(Stream body)
    {
        var (chunk, sum) = (new byte[64 * 1024], 0L);
        for (int read; (read = await body.ReadAsync(chunk)) > 0;)
            sum += read;
        Interlocked.Add(ref counted, sum);
    }
}
