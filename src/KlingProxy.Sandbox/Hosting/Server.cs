using System.Net;

using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace KlingProxy.Sandbox.Hosting;

/// <summary>A Kestrel of its own on 127.0.0.1, deaf to the configuration, signals and logs of the process around it.</summary>
internal static class Server
{
    /// <summary>In bytes.</summary>
    public const long MaxBodyBytes = 128 * 1024 * 1024;

    public static async Task<WebApplication> Start(SandboxState state, CancellationToken cancel)
    {
        // The empty builder reads no appsettings.json and no ASPNETCORE_URLS: both belong to the service that hosts this.
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { ApplicationName = "KlingProxy.Sandbox" });
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.Listen(IPAddress.Loopback, state.Options.Port);
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = MaxBodyBytes;
            kestrel.Limits.MinRequestBodyDataRate = null; // a stopped debugger is no attack
            kestrel.Limits.MinResponseDataRate = null;
        });
        builder.Services.AddRouting();
        builder.Services.AddSingleton<IHostLifetime, NoSignals>();
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromSeconds(1));

        var app = builder.Build();
        var recorder = new RequestRecorder(state.Options, state.Calls, state.Files);
        app.UseRouting();
        app.Use(recorder.Enter);
        app.MapFal(state);

        await app.StartAsync(cancel);
        state.Url = new Uri(app.Services.GetRequiredService<IServer>().Features.GetRequiredFeature<IServerAddressesFeature>().Addresses.Single());
        return app;
    }

    // The default lifetime would stop the sandbox at SIGTERM, while the service around it still has jobs to finish.
    private sealed class NoSignals : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
