using System.Diagnostics.CodeAnalysis;

using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace KlingProxy.Settings;

/// <summary>What an operator set, read in one way by every folder and in every build.</summary>
internal static class SettingsModule
{
    /// <summary>Settings of a folder; read when they are first asked for, and by the check before the start at the latest.</summary>
    public static void AddSettings<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicParameterlessConstructor)] T>(this IHostApplicationBuilder builder)
        where T : class, ISettings
    {
        builder.Services.TryAddSingleton(services => new SettingsReading((IConfigurationRoot)services.GetRequiredService<IConfiguration>()));
        builder.Services.AddOptionsWithValidateOnStart<T>()
            .Configure<SettingsReading>((options, reading) => options.Read(new SettingsSection(reading, T.Section)));
        builder.Services.AddSingleton<IValidateOptions<T>, Readable<T>>();
    }

    extension(IConfiguration configuration)
    {
        /// <returns>
        /// The value of the nearest source that says anything: an empty one says nothing, so what stands below it, and in the end the default,
        /// holds. A <c>null</c> covers what stands below it.
        /// </returns>
        public string? Said(string key)
        {
            foreach (var source in ((IConfigurationRoot)configuration).Providers.Reverse())
                if (source.TryGet(key, out var value) && (value is null || !string.IsNullOrWhiteSpace(value)))
                    return value;
            return null;
        }
    }

    private sealed class Readable<T>(SettingsReading reading) : IValidateOptions<T>
        where T : class, ISettings
    {
        public ValidateOptionsResult Validate(string? name, T options) =>
            reading.FaultsUnder(T.Section) is { Count: > 0 } faults ? ValidateOptionsResult.Fail(faults) : ValidateOptionsResult.Success;
    }
}
