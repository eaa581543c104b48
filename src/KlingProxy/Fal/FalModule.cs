using KlingProxy.Fal.Calls;
using KlingProxy.Fal.Media;
using KlingProxy.Fal.Platform;
using KlingProxy.Fal.Queue;
using KlingProxy.Fal.Storage;
using KlingProxy.Settings;

using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace KlingProxy.Fal;

/// <summary>The upstream, typed. The only folder that ever sees the key.</summary>
internal static class FalModule
{
    public static void AddFal(this IHostApplicationBuilder builder)
    {
        builder.AddSettings<FalOptions, FalOptionsValidator>();

        builder.Services.TryAddSingleton(TimeProvider.System);
        builder.Services.AddSingleton<FalKey>();
        builder.Services.AddSingleton<FalAdminKey>();
        builder.Services.AddKeyedSingleton(FalHttp.Wire, (services, _) => FalHttp.Sockets(services.GetRequiredService<IOptions<FalOptions>>().Value));
        builder.Services.AddSingleton<FalBorder>();
        builder.Services.AddSingleton<FalHttp>();
        builder.Services.AddSingleton<FalPipelines>();
        builder.Services.AddSingleton<FalRetryingCalls>();
        builder.Services.AddSingleton<FalQueue>();
        builder.Services.AddSingleton<FalStatusStream>();
        builder.Services.AddSingleton<FalUploads>();
        builder.Services.AddSingleton<FalMedia>();
        builder.Services.AddSingleton<FalSigningKeys>();
        builder.Services.AddSingleton<FalPlatform>();
        builder.Services.AddSingleton<FalStanding>();
        builder.Services.AddHealthChecks().AddCheck<FalHealth>("fal");
    }
}
