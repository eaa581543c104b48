using System.Globalization;

using KlingProxy.Fal;
using KlingProxy.Fal.Calls;
using KlingProxy.Jobs;
using KlingProxy.Sandbox;
using KlingProxy.Storage;

using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Mvc.Testing;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace KlingProxy.CrashHost;

/// <summary>The unmodified service; its ways to the database, to fal and back to the caller lead past the points.</summary>
internal sealed class CrashableService(CrashPoints points) : WebApplicationFactory<Program>
{
    protected override void ConfigureWebHost(IWebHostBuilder builder) => builder
        .UseEnvironment("Production")
        .ConfigureTestServices(services =>
        {
            services.AddSingleton(SharedTime());
            services.AddSingleton<IStartupFilter>(new AnswerSteps(points));
            services.AddKeyedSingleton<HttpMessageHandler>(FalHttp.Wire, (provider, _) =>
                new UpstreamSteps(points) { InnerHandler = FalHttp.Sockets(provider.GetRequiredService<IOptions<FalOptions>>().Value) });
            Surround<ISqlDatabase>(services, database => new DatabaseSteps(database, points));
            Surround<IJobStore>(services, MoveNames.Around);
        });

    // Faster than the wall, and the same for all processes of a world: a deadline that one has written down means the same to the next.
    private static TimeProvider SharedTime() =>
        Environment.GetEnvironmentVariable("CRASH_TIME_SPEED") is { Length: > 0 } speed && Environment.GetEnvironmentVariable("CRASH_TIME_SINCE") is { Length: > 0 } since
            ? new AcceleratedTime(double.Parse(speed, CultureInfo.InvariantCulture), DateTimeOffset.Parse(since, CultureInfo.InvariantCulture))
            : TimeProvider.System;

    private static void Surround<T>(IServiceCollection services, Func<T, T> around)
        where T : class
    {
        var inner = services.Last(service => service.ServiceType == typeof(T) && !service.IsKeyedService);
        services.AddSingleton(provider => around((T)(inner.ImplementationFactory?.Invoke(provider) ?? ActivatorUtilities.CreateInstance(provider, inner.ImplementationType!))));
    }
}
