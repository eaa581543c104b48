using System.Net;
using System.Threading.Channels;

using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;

namespace KlingProxy.Sandbox.Tests;

/// <summary>A real listener for webhooks, with answers to choose.</summary>
internal sealed class Receiver : IAsyncDisposable
{
    internal sealed record Delivery(string Path, byte[] Body, IReadOnlyDictionary<string, string> Headers);

    private readonly Channel<Delivery> deliveries = Channel.CreateUnbounded<Delivery>();
    private WebApplication? app;

    public Uri Url { get; private set; } = null!;

    /// <summary>What to answer, by the count of deliveries so far (from 1).</summary>
    public Func<int, HttpContext, Task> Answer { get; init; } = (_, _) => Task.CompletedTask;

    public int Count { get; private set; }

    public static Func<int, HttpContext, Task> Statuses(params int[] statuses) => (count, context) =>
    {
        context.Response.StatusCode = statuses[Math.Min(count, statuses.Length) - 1];
        if (context.Response.StatusCode is >= 300 and < 400) context.Response.Headers.Location = "/elsewhere";
        return Task.CompletedTask;
    };

    public async Task<Receiver> Listen()
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        app = builder.Build();
        app.Run(Receive);
        await app.StartAsync(TestContext.Current.CancellationToken);
        var address = app.Services.GetRequiredService<IServer>().Features.GetRequiredFeature<IServerAddressesFeature>().Addresses.Single();
        Url = new Uri(new Uri(address), "/hook");
        return this;
    }

    public async Task<Delivery> Next() => await deliveries.Reader.ReadAsync(TestContext.Current.CancellationToken).AsTask().Within("another delivery came");

    public IReadOnlyList<Delivery> Waiting()
    {
        var waiting = new List<Delivery>();
        while (deliveries.Reader.TryRead(out var delivery)) waiting.Add(delivery);
        return waiting;
    }

    private async Task Receive(HttpContext context)
    {
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body, context.RequestAborted);
        int count;
        lock (deliveries) count = ++Count;
        var headers = context.Request.Headers.ToDictionary(header => header.Key, header => header.Value.ToString(), StringComparer.OrdinalIgnoreCase);
        deliveries.Writer.TryWrite(new Delivery(context.Request.Path, body.ToArray(), headers));
        await Answer(count, context);
    }

    public async ValueTask DisposeAsync()
    {
        if (app is not null) await app.DisposeAsync();
    }
}
