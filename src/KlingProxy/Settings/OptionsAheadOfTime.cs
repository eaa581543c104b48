using System.Diagnostics.CodeAnalysis;

using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace KlingProxy.Settings;

/// <summary>
/// Options as the platform makes them, but of types that the compiler has seen. The platform registers them open (<c>IOptions&lt;&gt;</c>), so that ahead of
/// time nobody knows which there will be, and each is put together at run time, with some six types around it: for those of this service that was a fifth
/// of its start.
/// </summary>
internal static class OptionsAheadOfTime
{
    extension(IServiceCollection services)
    {
        /// <summary>What is configured, in whatever way, holds as before; only who makes them is known beforehand. Twice is as once.</summary>
        public void CloseOptions<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicParameterlessConstructor)] T>()
            where T : class
        {
            services.TryAddTransient<IOptionsFactory<T>>(provider => new OptionsFactory<T>(
                provider.GetServices<IConfigureOptions<T>>(), provider.GetServices<IPostConfigureOptions<T>>(), provider.GetServices<IValidateOptions<T>>()));
            services.TryAddSingleton<IOptions<T>>(provider => new OptionsManager<T>(provider.GetRequiredService<IOptionsFactory<T>>()));
            services.TryAddScoped<IOptionsSnapshot<T>>(provider => new OptionsManager<T>(provider.GetRequiredService<IOptionsFactory<T>>()));
            services.TryAddSingleton<IOptionsMonitorCache<T>>(_ => new OptionsCache<T>());
            services.TryAddSingleton<IOptionsMonitor<T>>(provider => new OptionsMonitor<T>(
                provider.GetRequiredService<IOptionsFactory<T>>(), provider.GetServices<IOptionsChangeTokenSource<T>>(),
                provider.GetRequiredService<IOptionsMonitorCache<T>>()));
        }
    }
}
