using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace KlingProxy.Fal;

/// <summary>The upstream, typed. The only folder that ever sees the key.</summary>
internal static class FalModule
{
    public static void AddFal(this IHostApplicationBuilder builder)
    {
        builder.Services.AddSingleton<IValidateOptions<FalOptions>, FalOptionsValidator>();
        builder.Services.AddOptionsWithValidateOnStart<FalOptions>()
            .BindConfiguration("Fal")
            .Configure<IConfiguration>((fal, configuration) =>
            {
                fal.Key = configuration["FAL_KEY"];
                fal.KeyFile = configuration["FAL_KEY_FILE"];
                fal.AdminKey = configuration["FAL_ADMIN_KEY"];
                fal.AdminKeyFile = configuration["FAL_ADMIN_KEY_FILE"];
            });

        builder.Services.TryAddSingleton(TimeProvider.System);
        builder.Services.AddSingleton<FalKey>();
        builder.Services.AddSingleton<FalAdminKey>();
        builder.Services.AddKeyedSingleton(FalHttp.Wire, (services, _) => FalHttp.Sockets(services.GetRequiredService<IOptions<FalOptions>>().Value));
        builder.Services.AddSingleton<FalHttp>();
        builder.Services.AddSingleton<FalPipelines>();
        builder.Services.AddSingleton<FalReads>();
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
