using System.Diagnostics.CodeAnalysis;

using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace KlingProxy.Settings;

/// <summary>What an operator set, read in one way by every folder and in every build.</summary>
internal static class SettingsModule
{
    /// <summary>Settings of a folder; read, and judged, when they are first asked for, and by the check before the start at the latest.</summary>
    /// <typeparam name="T">The settings, each with its rule as an attribute of the property.</typeparam>
    /// <typeparam name="TRules">Applies the rules: generated from them, by <see cref="OptionsValidatorAttribute"/>.</typeparam>
    public static void AddSettings<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicParameterlessConstructor)] T, TRules>(
        this IHostApplicationBuilder builder)
        where T : class, ISettings
        where TRules : class, IValidateOptions<T>, new()
    {
        builder.Services.TryAddSingleton(services => new SettingsReading((IConfigurationRoot)services.GetRequiredService<IConfiguration>()));
        builder.Services.CloseOptions<T>();
        builder.Services.AddOptionsWithValidateOnStart<T>()
            .Configure<SettingsReading>((options, reading) => options.Read(new SettingsSection(reading, T.Section)));
        builder.Services.AddSingleton<IValidateOptions<T>>(services => new Judge<T>(services.GetRequiredService<SettingsReading>(), new TRules()));
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

    private sealed class Judge<T>(SettingsReading reading, IValidateOptions<T> rules) : IValidateOptions<T>
        where T : class, ISettings
    {
        // Under the section as its name, since the rules know no more of a setting than the path to its property.
        public ValidateOptionsResult Validate(string? name, T options)
        {
            List<string> faults = [.. rules.Validate(T.Section, options).Failures ?? [], .. reading.FaultsUnder(T.Section)];
            return faults is [] ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(faults);
        }
    }
}
